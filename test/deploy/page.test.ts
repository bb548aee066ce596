// docs/deploy.md names what there is: commands, files, routes, settings, names of objects; and says at every step how to look.
import { existsSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { Environment } from '../../src/config/environment.js';
import { settingsOf } from '../../src/config/setting.js';
import { METRICS_PATH } from '../../src/metrics/metrics.route.js';
import { OPERATIONS } from '../support/document.js';
import { problemOfCommand } from './commands.js';
import { readText, ROOT } from './kube.js';
import { everything } from './pods.js';
import { RENDERINGS, renderingOf } from './renderings.js';

const PAGE = readText('docs/deploy.md');
/** Of others than the configuration class. */
const OTHER_NAMES = new Set(['BUILD_IMAGE', 'BASE_IMAGE', 'KEY', 'ADMIN_URL']);

/** The platforms, each with its steps. */
const SECTIONS = PAGE.split(/^## /m)
  .slice(1)
  .map((section) => {
    const [title = '', ...rest] = section.split('\n');
    return { title, steps: rest.join('\n').split(/^### /m).slice(1) };
  });

/** The words of a command line, quotes taken off. */
function wordsOf(line: string): string[] {
  return (line.match(/"[^"]*"|'[^']*'|\S+/g) ?? []).map((word) => word.replaceAll(/^["']|["']$/g, ''));
}

/** Ours among them: `passbook` where it is a program and not the name of something. */
const COMMANDS = [
  ...PAGE.matchAll(/(?<=[\s`;])(?<!--namespace )(?<!eb init )((?:passbook (?=[a-z-])|node dist\/)[^`\n#]*)/g),
].map(([, line]) => line!);

describe('docs/deploy.md', () => {
  it.each(COMMANDS)('names a command that exists: %s', (line) => {
    expect(problemOfCommand(wordsOf(line.replace(/"'$/, '')))).toBeUndefined();
  });

  it('names files that exist', () => {
    const named = [
      ...PAGE.matchAll(/(?<![\w/.])((?:k8s|\.ebextensions)\/[\w./-]*|[\w-]+\.yaml|Containerfile|Procfile)/g),
    ].map(([, path]) => path!.replace(/[.,]$/, ''));
    const links = [...PAGE.matchAll(/\]\((?!#)([^)]+)\)/g)].map(([, path]) => `docs/${path!.split('#')[0]}`);
    expect(named.length).toBeGreaterThan(20);
    const known = new Set([...named, ...links].filter((path) => path !== 'kustomization.yaml'));
    expect([...known].filter((path) => !existsSync(`${ROOT}${path}`))).toEqual([]);
  });

  it('links to headings of its own', () => {
    const titles = SECTIONS.map(({ title }) => title.toLowerCase().replaceAll(' ', '-'));
    const links = [...PAGE.matchAll(/\]\(#([^)]+)\)/g)].map(([, anchor]) => anchor!);
    expect(links.filter((anchor) => !titles.includes(anchor))).toEqual([]);
  });

  it('asks for routes that are served', () => {
    const asked = [...PAGE.matchAll(/\bcurl\b.*?[\w)](\/(?:v1\/)?[a-z]+)"?$/gm)].map(([, path]) => path!);
    expect(asked.length).toBeGreaterThan(5);
    const served = [METRICS_PATH, ...OPERATIONS.flatMap(({ method, path }) => (method === 'GET' ? path : []))];
    expect(asked.filter((path) => !served.includes(path))).toEqual([]);
  });

  it('names settings that exist', () => {
    const settings = new Set(settingsOf(Environment).map(({ variable }) => variable));
    const named = [...PAGE.matchAll(/`([A-Z]+(?:_[A-Z]+)+)`/g)].map(([, name]) => name!);
    expect(named.filter((name) => !settings.has(name) && !OTHER_NAMES.has(name))).toEqual([]);
  });

  it('names objects that are applied', () => {
    const objects = RENDERINGS.flatMap((folder) => everything(renderingOf(folder)));
    const named = [...PAGE.matchAll(/\b(job|deployment|secret)[/ ](passbook[\w.-]*)/g)];
    expect(named.length).toBeGreaterThan(6);
    for (const [text, kind, name] of named)
      expect(
        objects.some((object) => object.kind.toLowerCase() === kind && object.metadata.name === name),
        text,
      ).toBe(true);
  });

  it.each(SECTIONS)(
    'tells of "$title" in order, how to look after each step, and the way back at its end',
    ({ steps }) => {
      const numbered = steps.filter((step) => /^\d\. /.test(step));
      expect(numbered.map((step) => Number(step[0]))).toEqual(numbered.map((_, at) => at + 1));
      expect(numbered.filter((step) => !step.includes('\nCheck: '))).toEqual([]);
      expect(steps.some((step) => step.startsWith('Back\n'))).toBe(true);
    },
  );
});
