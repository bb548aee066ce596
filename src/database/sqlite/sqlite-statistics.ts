// Statistics of a SQLite file: of its header and its folder, which cost no scan. How large each table is only the table `dbstat` knows,
// by reading every page of the file, and how often a page was found in memory or an index was used, nothing tells.
import { statfsSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { type Connection, type Engine } from '../engine.js';
import { type StoreStatistics } from '../statistics.js';

export function sqliteStatistics(engine: Engine, path: string): Promise<StoreStatistics> {
  return engine.read(async (connection) => {
    const pageBytes = await numberOf(connection, 'page_size');
    const unusedPages = await numberOf(connection, 'freelist_count');
    const cacheSize = await numberOf(connection, 'cache_size');
    const { bavail, bsize } = statfsSync(dirname(path));
    const walBytes = sizeOf(`${path}-wal`);
    return {
      sizeBytes: sizeOf(path) + walBytes,
      // Below zero it is a number of KiB, else of pages.
      cacheMaxBytes: cacheSize < 0 ? -cacheSize * 1024 : cacheSize * pageBytes,
      file: { walBytes, unusedBytes: unusedPages * pageBytes, diskFreeBytes: bavail * bsize },
      server: undefined,
      tables: [],
      indexes: [],
    };
  });
}

async function numberOf(connection: Connection, pragma: string): Promise<number> {
  const [row] = await connection.query(`PRAGMA ${pragma}`, []);
  return Number(row?.[0]);
}

function sizeOf(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.size ?? 0;
}
