// How the tests run: on two workers that keep their modules, against one PostgreSQL for all.
import { defineConfig } from 'vitest/config';

const isProof = process.env['PROVE'] === 'full';
const SECOND_MS = 1_000;

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/support/global-setup.ts'],
    setupFiles: ['test/support/worker-setup.ts'],
    pool: 'forks',
    maxWorkers: 2,
    // Files share their worker's modules, which is several times faster: a test leaves nothing behind in them.
    isolate: false,
    testTimeout: (isProof ? 3_600 : 60) * SECOND_MS,
    hookTimeout: (isProof ? 600 : 120) * SECOND_MS,
    teardownTimeout: 30 * SECOND_MS,
    reporters: ['default', 'json'],
    outputFile: { json: '.tmp/vitest.json' },
    coverage: {
      provider: 'v8',
      include: ['src/**/*.ts'],
      reporter: ['text-summary', 'json-summary', 'html'],
      reportOnFailure: true,
    },
  },
});
