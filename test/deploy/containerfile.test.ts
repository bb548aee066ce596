// The image, as far as its description tells: stages, what comes into the last one, and how large that is.
import { readdirSync, statSync } from 'node:fs';
import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { linesOf } from './checks/all.js';
import { checkContainerfile } from './checks/containerfile.js';
import { isIgnored, parseContainerfile, restsOf } from './containerfile.js';
import { readText, ROOT } from './kube.js';

const TEXT = readText('Containerfile');
const IGNORED = readText('.containerignore');
const MEGABYTE = 1_000_000;
/** Of a package, by what runs: types are gone by then. */
const IMPORT = /^(?!import type).*(?:from|import) '((?:@[\w-]+\/)?[a-z][\w.-]*)(?:\/[^']*)?';$/gm;

const findingsOf = (text: string, ignored = IGNORED) => linesOf(checkContainerfile(parseContainerfile(text), ignored));

describe('the Containerfile', () => {
  it('is as it should be', () => {
    expect(findingsOf(TEXT)).toEqual([]);
  });

  it.each([
    ['a base that is fixed', 'FROM ${BASE_IMAGE}', 'FROM docker.io/library/node:24', 'cannot be replaced'],
    ['root', 'USER 10001:10001', 'USER root', 'is no number, or root'],
    ['a user by name', 'USER 10001:10001', 'USER node', 'is no number, or root'],
    ['another signal', 'STOPSIGNAL SIGTERM', 'STOPSIGNAL SIGKILL', 'the server listens to'],
    ['a shell around the server', 'CMD ["node", "dist/src/main.js"]', 'CMD node dist/src/main.js', 'in a shell'],
    ['an entry that is not built', 'dist/src/main.js"]', 'dist/main.js"]', 'is no command of ours'],
    ['a health that is not served', "'/livez'", "'/healthz'", '/healthz, which is not served'],
    ['build tools', 'WORKDIR /app', 'WORKDIR /app\nRUN apt-get install -y make', 'in the final image'],
    [
      'tests',
      'COPY package.json ./\nCOPY --from=packages',
      'COPY package.json test ./\nCOPY --from=packages',
      'test is not for the image',
    ],
    ['what is for development', ' --omit=dev', '', 'what is for development'],
    ['packages of the wrong stage', '--from=packages /packages/', '--from=build /build/', 'what is for development'],
    ['a secret', 'ENV NODE_ENV=production', 'ENV DATABASE_PASSWORD=hunter2', 'is a secret'],
    ['no version', 'image.version=', 'image.versions=', 'version is missing'],
    ['a folder that the build never sees', 'COPY src ./src', 'COPY scripts ./scripts', 'scripts is ignored'],
  ])('%s is found', (_, from, to, said) => {
    expect(TEXT).toContain(from);
    expect(findingsOf(TEXT.replace(from, to))).toContainEqual(expect.stringContaining(said));
  });

  it('leaves everything out of the build that it does not copy, whichever engine builds', () => {
    expect(readText('.dockerignore')).toBe(IGNORED);
    for (const path of ['.env', '.env.production', '.git', 'data', 'dist', 'node_modules', 'test', 'client', '.tmp'])
      expect(isIgnored(path, IGNORED), path).toBe(true);
    const letIn = readdirSync(ROOT).filter((path) => !isIgnored(path, IGNORED));
    const copied = parseContainerfile(TEXT)
      .stages.flatMap((stage) => restsOf(stage, 'COPY'))
      .filter((rest) => !rest.startsWith('--from'))
      .flatMap((rest) => rest.split(' ').slice(0, -1));
    expect(letIn.sort()).toEqual([...new Set(copied)].sort());
  });

  it('has every package that the program imports', () => {
    const { dependencies } = JSON.parse(readText('package.json')) as { dependencies: Record<string, string> };
    const files = execFileSync('git', ['ls-files', '--cached', '--others', '--', 'src', 'migrations'], {
      cwd: ROOT,
      encoding: 'utf8',
    });
    const imported = new Set<string>();
    for (const file of files.split('\n').filter((name) => /\.(ts|mjs)$/.test(name))) {
      for (const [, name] of readText(file).matchAll(IMPORT)) imported.add(name!);
    }
    expect([...imported].filter((name) => dependencies[name] === undefined)).toEqual([]);
    expect(imported.size).toBeGreaterThan(10);
  });

  it('holds no more than the program and its packages: 80 MB', () => {
    const lock = JSON.parse(readText('package-lock.json')) as { packages: Record<string, Record<string, unknown>> };
    const packages = Object.entries(lock.packages).filter(([path, about]) => path !== '' && isInstalled(about));
    const bytes = packages.map(([path]) => sizeOf(`${ROOT}${path}`, path.endsWith('/better-sqlite3')));
    const sum = bytes.reduce((a, b) => a + b, 0);
    expect(sum).toBeGreaterThan(30 * MEGABYTE);
    expect(sum + sizeOf(`${ROOT}dist`, false)).toBeLessThan(80 * MEGABYTE);
  });
});

/** By `npm ci --omit=dev --omit=optional`. */
function isInstalled(about: Record<string, unknown>): boolean {
  return about['dev'] !== true && about['optional'] !== true && about['devOptional'] !== true;
}

/** What the build deletes again. */
const FOR_COMPILERS = /\.(map|d\.[mc]?ts)$/;

/** Of SQLite's package the build keeps the library alone. */
function sizeOf(folder: string, isSqlite: boolean): number {
  return readdirSync(folder, { withFileTypes: true }).reduce((sum, entry) => {
    const path = `${folder}/${entry.name}`;
    if (entry.name === 'node_modules' || (isSqlite && (entry.name === 'deps' || entry.name === 'src'))) return sum;
    if (isSqlite && entry.name === 'build') return sum + statSync(`${path}/Release/better_sqlite3.node`).size;
    if (entry.isDirectory()) return sum + sizeOf(path, false);
    return entry.isFile() && !FOR_COMPILERS.test(entry.name) ? sum + statSync(path).size : sum;
  }, 0);
}
