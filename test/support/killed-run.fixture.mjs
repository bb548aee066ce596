// A test run that never ends by itself, to be killed by postgres.test.ts.
import { startVitest } from 'vitest/node';

await startVitest('test', [], {
  config: false,
  watch: false,
  include: ['test/support/killed-run.fixture.ts'],
  globalSetup: ['test/support/global-setup.ts'],
  setupFiles: ['test/support/worker-setup.ts'],
  pool: 'forks',
  testTimeout: 600_000,
  reporters: [],
});
