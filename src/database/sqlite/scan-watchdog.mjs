// Ends the scanning process when its server is gone, however it went. A thread, because the main one hears of nothing while a statement runs.
import { workerData } from 'node:worker_threads';

const LOOK_MS = 500;

setInterval(() => {
  // Whose parent is gone is given another.
  if (process.ppid !== workerData.server) process.kill(process.pid, 'SIGKILL');
}, LOOK_MS);
