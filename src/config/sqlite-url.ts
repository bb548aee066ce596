import { resolve } from 'node:path';
import { RefusedUrl } from './refused-url.js';

const SHAPES = 'sqlite:///relative/path.db, sqlite:////absolute/path.db, or file:path.db';

/**
 * The absolute path that a `sqlite:` or `file:` URL names; relative ones start at `cwd`. After `sqlite:///` the path is
 * taken as written, as SQLAlchemy does; after `file:` it is percent-decoded, as SQLite does.
 *
 * @throws {RefusedUrl}
 */
export function parseSqliteUrl(url: string, cwd: string): string {
  if (/^sqlite:\/{0,3}$/.test(url) || url.includes(':memory:') || url.includes('mode=memory')) {
    throw new RefusedUrl(`a file: a store in memory is gone at the next start. ${SHAPES}`);
  }
  if (url !== url.trim() || /\p{Cc}/u.test(url)) throw new RefusedUrl(`no white space around it. ${SHAPES}`);
  if (url.includes('?')) throw new RefusedUrl(`no parameters after a "?". ${SHAPES}`);
  const path = url.startsWith('file:') ? filePath(url.slice('file:'.length)) : sqlitePath(url.slice('sqlite:'.length));
  if (path.startsWith('~')) throw new RefusedUrl(`a path without "~", which only a shell understands. ${SHAPES}`);
  if (/(^|\/)\.{0,2}$/.test(path)) throw new RefusedUrl(`the path of a file, not of a folder. ${SHAPES}`);
  return resolve(cwd, path);
}

function sqlitePath(rest: string): string {
  if (!rest.startsWith('///')) throw new RefusedUrl(`three slashes and a path. ${SHAPES}`);
  return rest.slice('///'.length);
}

function filePath(rest: string): string {
  if (rest.includes('#')) throw new RefusedUrl(`"#" as %23. ${SHAPES}`);
  const path = rest.startsWith('//') ? rest.replace(/^\/\/(localhost)?(?=\/)/, '') : rest;
  if (path.startsWith('//'))
    throw new RefusedUrl(`file:/absolute or file:relative, not another machine's file. ${SHAPES}`);
  try {
    const decoded = decodeURIComponent(path);
    if (!decoded.includes('\0')) return decoded;
  } catch {
    // Named below, together with NUL.
  }
  throw new RefusedUrl(`a path in percent-encoded UTF-8 without NUL. ${SHAPES}`);
}
