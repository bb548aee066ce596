// Runs long reads on a read-only connection of its own, so that the server's event loop goes on meanwhile.
import { parentPort, workerData } from 'node:worker_threads';
import Database from 'better-sqlite3';

const database = new Database(workerData.path, { readonly: true, fileMustExist: true, timeout: 1000 });

parentPort?.on('message', ({ id, text, values }) => {
  try {
    const rows = database
      .prepare(text)
      .raw()
      .all(...values);
    parentPort?.postMessage({ id, rows });
  } catch (error) {
    const { message, code } = /** @type {Error & { code?: string }} */ (error);
    parentPort?.postMessage({ id, error: { message, code } });
  }
});
