// A server process as far as the lock beside the store goes: argv is the path.
const built = new URL('../../dist/src/database/sqlite/server-lock.js', import.meta.url).href;
const { lockStore } = await import(built);

lockStore(process.argv[2]);
process.stdout.write('locked\n');
setInterval(() => undefined, 1000);
