// A server as far as scans go: argv is the file, and then the statement that is left running, or "idle", or "done" when nothing is left to do.
const built = new URL('../../dist/src/database/sqlite/scanner.js', import.meta.url).href;
const { Scanner } = await import(built);

const [, , path, left] = process.argv;
const awake = setInterval(() => undefined, 1000);
const scanner = new Scanner(path, 0);
await scanner.scan('SELECT 1', []);
process.stdout.write('scanned\n');
if (left === 'done') clearInterval(awake);
else if (left !== 'idle') await scanner.scan(left, []);
