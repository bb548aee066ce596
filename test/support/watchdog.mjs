// Cleans up after a test process that is gone, however it went: its stdin ends when the process that holds it does.
// It is told, one JSON line each, what to watch: {"watch": {"folder": "/tmp/…"}} or {"watch": {"pid": 123}}; {"forget": …} takes it back.
import { createInterface } from 'node:readline';
import { endProcesses, processesOf, removeFolder } from './processes.mjs';

/** @type {Set<string>} */
const folders = new Set();
/** @type {Set<number>} */
const pids = new Set();

/** @typedef {{ folder?: string, pid?: number }} What */

/** @param {What} what @param {'add' | 'delete'} verb */
function note(what, verb) {
  if (what.folder !== undefined) folders[verb](what.folder);
  if (what.pid !== undefined) pids[verb](what.pid);
}

// A terminal's or a runner's signal to everybody must not stop the one that cleans up.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => {});

for await (const line of createInterface({ input: process.stdin })) {
  const message = /** @type {{ watch?: What, forget?: What }} */ (JSON.parse(line));
  if (message.watch !== undefined) note(message.watch, 'add');
  if (message.forget !== undefined) note(message.forget, 'delete');
}

await endProcesses(() => processesOf({ folders: [...folders], pids: [...pids] }));
for (const folder of folders) removeFolder(folder);
