// What is applied to a cluster: every object as the API wants it, and all of them as the program and each other want them.
import { describe, expect, it } from 'vitest';
import { CHECKS, linesOf } from './checks/all.js';
import { checkSchemas } from './api-schemas.js';
import { render } from './kustomize/render.js';
import { RENDERINGS, renderingOf } from './renderings.js';

describe.each(RENDERINGS)('%s', (folder) => {
  it.each(Object.entries(CHECKS))('%s', (_, check) => {
    expect(linesOf(check(renderingOf(folder)))).toEqual([]);
  });
});

it('the base, which no overlay has completed, is valid as it is', () => {
  expect(linesOf(checkSchemas(render('k8s/base')))).toEqual([]);
});
