// In every worker: it ends with the run that started it. The runner itself would let it wait for a killed run forever.
if (process.listenerCount('disconnect') === 0) {
  // The runner guards process.exit; and whatever the worker started is tethered.
  process.on('disconnect', () => process.kill(process.pid, 'SIGKILL'));
}
