// Imported first by every script, and plain enough for an old Node to reach its one clear line.
import { readFileSync } from 'node:fs';

const { engines } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
const floor = engines.node.replace('>=', '');
const [floorMajor = 0, floorMinor = 0] = floor.split('.').map(Number);
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);

if (major < floorMajor || (major === floorMajor && minor < floorMinor)) {
  console.error(`Passbook needs Node ${floor} or newer; this is Node ${process.versions.node}.`);
  process.exit(1);
}
