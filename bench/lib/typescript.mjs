// Runs what is written in TypeScript and never built: the fakes of the tests. `node --import ./bench/lib/typescript.mjs file.mjs`
import { register } from 'node:module';

register('./typescript-hooks.mjs', import.meta.url);
