// `npm run generate`: writes the generated files anew; with --check it only names those that are stale.
import './lib/require-node.mjs';
import { compareGenerated, writeGenerated } from './lib/generated.mjs';
import { prepareOrExit } from './lib/prepare.mjs';

await prepareOrExit();
const { code, output } = await (process.argv.includes('--check') ? compareGenerated() : writeGenerated());
process.stderr.write(output);
process.exitCode = code;
