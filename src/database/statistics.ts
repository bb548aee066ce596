// What can be measured of a store by asking it: sizes, room, use of indexes. For whoever watches it, now and then; never for a request.

export interface StoreStatistics {
  readonly sizeBytes: number;
  /** What the store may keep in memory of itself. */
  readonly cacheMaxBytes: number;
  /** Of a store that is a file only. */
  readonly file: FileStatistics | undefined;
  /** Of a store behind a server only. */
  readonly server: ServerStatistics | undefined;
  /** The largest ones. SQLite could tell their sizes only by reading every page. */
  readonly tables: readonly TableStatistics[];
  readonly indexes: readonly IndexStatistics[];
}

export interface FileStatistics {
  /** Written, and not yet part of the file. */
  readonly walBytes: number;
  /** Part of the file, and free for what comes. */
  readonly unusedBytes: number;
  /** Room left where the file lies. */
  readonly diskFreeBytes: number;
}

/** Counts begin when the server's statistics do. */
export interface ServerStatistics {
  readonly connections: number;
  readonly connectionsMax: number;
  /** Pages that were found in the server's cache, and those that were not. */
  readonly cacheHits: number;
  readonly cacheMisses: number;
  readonly deadlocks: number;
  readonly temporaryBytes: number;
  /** Of those that this role may see. */
  readonly oldestTransactionSeconds: number;
}

/** Rows are estimates. */
export interface TableStatistics {
  readonly table: string;
  readonly sizeBytes: number;
  readonly indexBytes: number;
  readonly rows: number;
  readonly deadRows: number;
  readonly tableScans: number;
  readonly indexScans: number;
}

export interface IndexStatistics {
  readonly table: string;
  readonly index: string;
  readonly sizeBytes: number;
  readonly scans: number;
}
