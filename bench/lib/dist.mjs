// The service as it was built.
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

export const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** The path of a built file. @param {string} file */
export function built(file) {
  return join(ROOT, 'dist', file);
}

/** A built module. @param {string} file @returns {Promise<any>} */
export function load(file) {
  return import(pathToFileURL(built(file)).href);
}

/** The environment that leads the service to a store. @param {string} url */
export function environmentOf(url) {
  const { DATABASE_URL_PROD: _prod, DATABASE_INTERNAL_URL: _internal, ...inherited } = process.env;
  return {
    ...inherited,
    NODE_ENV: 'production',
    ALLOW_SQLITE_IN_PRODUCTION: 'true',
    DATABASE_URL: url,
    DATABASE_SSLMODE: 'disable',
    HOST: '127.0.0.1',
    PORT: '0',
    LOG_LEVEL: 'info',
    // What is measured is how fast it answers, not how fast one may ask.
    RATE_LIMIT_KEY_PER_MINUTE: '0',
    RATE_LIMIT_ADDRESS_PER_MINUTE: '0',
    RATE_LIMIT_UNKNOWN_KEYS_PER_MINUTE: '0',
    // Nothing is synced but what is measured.
    SYNC_SCHEDULE: 'false',
  };
}
