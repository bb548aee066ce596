// The program's own version, as package.json has it.
import { existsSync, readFileSync } from 'node:fs';

/** Over `src/` in a checkout, over `dist/` when built. */
const places = ['../../package.json', '../../../package.json'].map((path) => new URL(path, import.meta.url));

export const VERSION: string = (
  JSON.parse(readFileSync(places.find((place) => existsSync(place)) ?? places[0]!, 'utf8')) as { version: string }
).version;
