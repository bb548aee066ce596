// What there is to know of a store from outside, for whoever looks after it. Nothing is changed, made or waited for.
import { type SchemaLevel } from './schema/level.js';

export interface StoreVitals {
  /** Product and version. */
  readonly server: string;
  /** A round trip, best of a few. */
  readonly latencyMs: number;
  readonly schema: SchemaLevel;
  /** Of the migrations that this program needs. */
  readonly pending: number;
  readonly sizeBytes: number;
  /** Room left where the store lies; undefined where a server of its own keeps it. */
  readonly freeBytes: number | undefined;
  /** Of a store behind a server only. */
  readonly behindServer: ServerVitals | undefined;
}

export interface ServerVitals {
  /** Undefined: in plain. */
  readonly tls: TlsVitals | undefined;
  /** Over a socket of this machine, or its loopback. */
  readonly isLocal: boolean;
  /** How many this role may have there, those in use by others taken off. */
  readonly connectionsLeft: number;
  readonly connectionsMax: number;
  /** The server's clock minus this machine's. */
  readonly clockOffsetMs: number;
  readonly encoding: string;
  /** Whether a commit that is acknowledged is on the disk: settings that say otherwise. */
  readonly undurable: readonly string[];
}

export interface TlsVitals {
  readonly protocol: string;
  /** Whether the server proved who it is. */
  readonly isVerified: boolean;
  /** When the server's certificate ends, in milliseconds since 1970; undefined where that is not known. */
  readonly certificateEndsMs: number | undefined;
}
