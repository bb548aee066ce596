// Runs long reads on a read-only connection of its own, so that the server's event loop goes on meanwhile: argv is the file and the server's pid.
import { Worker } from 'node:worker_threads';
import Database from 'better-sqlite3';

// Meant for the server, when they come to the whole group: it has requests to finish, and ends this process itself.
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => undefined);

const [, , path, server] = process.argv;
new Worker(new URL('./scan-watchdog.mjs', import.meta.url), { workerData: { server: Number(server) } }).unref();

try {
  const database = new Database(path, { readonly: true, fileMustExist: true, timeout: 1000 });
  process.on('message', ({ id, text, values }) => {
    try {
      const rows = database
        .prepare(text)
        .raw()
        .all(...values);
      tell({ id, rows });
    } catch (error) {
      tell({ id, error: told(error) });
    }
  });
} catch (error) {
  // Of no question: it ends with this, having nothing to listen to.
  tell({ error: told(error) });
}

/** @param {object} answer */
function tell(answer) {
  // A server that is gone hears nothing, which is no fault of this process.
  process.send?.(answer, () => undefined);
}

/** @param {unknown} error */
function told(error) {
  const { message, code } = /** @type {Error & { code?: string }} */ (error);
  return { message, code };
}
