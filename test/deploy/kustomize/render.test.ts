// The small renderer makes of every feature that is used what Kustomize itself makes of it.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { expect, it } from 'vitest';
import { type KubeObject, leavesOf, nameOf, readObjects, ROOT } from '../kube.js';
import { render } from './render.js';

const FIXTURE = 'test/deploy/kustomize/fixture';

it('renders what Kustomize renders', () => {
  expect(inOrder(render(`${FIXTURE}/overlay`))).toEqual(inOrder(readObjects(`${FIXTURE}/rendered.yaml`)));
});

it.each([
  ['a field that it does not know', { namePrefix: 'a-' }, 'namePrefix is not rendered here'],
  ['a file that is not there', { resources: ['gone.yaml'] }, 'there is no gone.yaml'],
  ['a patch of nothing', { patches: [{ target: { kind: 'Job', name: 'gone' }, patch: '[]' }] }, 'finds no Job gone'],
  [
    'a patch of a place that is not there',
    { patches: [{ target: { kind: 'Job' }, patch: '[{"op":"replace","path":"/spec/a/b","value":1}]' }] },
    'nothing stands at /spec/a/b',
  ],
  [
    'values for a ConfigMap that is not there',
    { configMapGenerator: [{ name: 'gone', behavior: 'merge' }] },
    'no ConfigMap gone',
  ],
  ['the same object twice', { resources: ['../base', '../base'] }, 'stands there twice'],
])('refuses %s', (_, change, said) => {
  mkdirSync(join(ROOT, '.tmp'), { recursive: true });
  const folder = mkdtempSync(join(ROOT, '.tmp', 'kustomize-'));
  const base = relative(folder, join(ROOT, FIXTURE, 'base'));
  const kustomization = { resources: [base], ...change };
  const resources = kustomization.resources.map((path) => (path === '../base' ? base : path));
  writeFileSync(join(folder, 'kustomization.yaml'), JSON.stringify({ ...kustomization, resources }));
  try {
    expect(() => render(relative(ROOT, folder))).toThrow(said);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

/** The same objects in the same order, whatever order they were written in; of lists the order counts. */
function inOrder(objects: readonly KubeObject[]): string[] {
  const texts = objects.map((object) => {
    const leaves = [...leavesOf(object)].map(({ path, value }) => `${path}=${JSON.stringify(value)}`);
    return [nameOf(object), ...leaves.sort()].join('\n');
  });
  return texts.sort();
}
