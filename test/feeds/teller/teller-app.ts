// The whole service, asking a fake Teller over a real connection.
import { readSettings } from '../../../src/config/settings.js';
import { type TestStore } from '../../support/each-store.js';
import { keepSecret } from '../../support/run-log.js';
import { type HeldClock, TestApp } from '../../support/test-app.js';
import { type BankEnrollment } from './fake-teller/bank.js';
import { type FakeTeller } from './fake-teller/server.js';

export const ENCRYPTION_KEY = Buffer.alloc(32, 7).toString('base64');
keepSecret(ENCRYPTION_KEY);

type Given = Parameters<typeof TestApp.start>[2];

/** The store, with a feed `teller` that asks the fake one. */
export function withTeller(
  store: TestStore,
  teller: FakeTeller,
  variables: Readonly<Record<string, string>> = {},
): TestStore {
  const environment = {
    ...store.environment,
    ENCRYPTION_KEYS: `first:${ENCRYPTION_KEY}`,
    ...teller.variables(),
    ...variables,
  };
  return { ...store, environment, settings: readSettings(environment) };
}

export function startTellerApp(
  store: TestStore,
  teller: FakeTeller,
  { clock, variables, ...given }: Given & { clock?: HeldClock; variables?: Readonly<Record<string, string>> } = {},
): Promise<TestApp> {
  return TestApp.start(withTeller(store, teller, variables), clock, given);
}

/** The body of POST /v1/enrollments for a consent at the fake Teller. */
export function consentOf(
  enrollment: BankEnrollment,
  more: Readonly<Record<string, unknown>> = {},
): Readonly<Record<string, unknown>> {
  return { feed: 'teller', consent: enrollment.onSuccess(), ...more };
}
