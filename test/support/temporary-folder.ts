// Where test folders are made: short enough for a unix socket, and open to the user that is lent to PostgreSQL.
import { realpathSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname } from 'node:path';

/** A socket's path may have 107 bytes; this leaves room for the folder's and the socket's own names. */
const LENGTH_MAX = 60;

export function temporaryFolder(): string {
  const folder = realpathSync(tmpdir());
  return folder.length <= LENGTH_MAX && isOpenToAll(folder) ? folder : '/tmp';
}

function isOpenToAll(folder: string): boolean {
  const mayPass = (statSync(folder).mode & 0o001) !== 0;
  return mayPass && (folder === '/' || isOpenToAll(dirname(folder)));
}
