// What asks a fake Teller and does not really wait: the client, the feed over it, and what the feed is asked with.
import { type Clock } from '../../../src/common/clock.js';
import { Currencies } from '../../../src/common/currency.js';
import { type Refusal } from '../../../src/common/domain-error.js';
import { type TellerSettings } from '../../../src/config/feed-settings.js';
import { Secret } from '../../../src/config/secret.js';
import { type AskedAccount, type FeedAccess } from '../../../src/feeds/port/feed.port.js';
import { KeyRing } from '../../../src/feeds/tokens/key-ring.js';
import { type Patience, TellerClient, type TellerClientSettings } from '../../../src/feeds/teller/teller.client.js';
import { TellerConnect } from '../../../src/feeds/teller/teller.connect.js';
import { TellerFeed } from '../../../src/feeds/teller/teller.feed.js';
import { TellerNonces } from '../../../src/feeds/teller/teller-nonces.js';
import { HeldClock } from '../../support/test-app.js';
import { type BankAccount } from './fake-teller/account.js';
import { type BankEnrollment } from './fake-teller/bank.js';
import { type Certified } from './fake-teller/certificates.js';
import { type FakeTeller } from './fake-teller/server.js';

export interface Asking {
  readonly client?: Certified;
  readonly settings?: Partial<TellerClientSettings>;
  readonly patience?: Partial<Patience>;
  readonly clock?: Clock;
}

export const currencies = new Currencies();

/** @param waits every wait that would have been made is added, in milliseconds */
export function clientOf(teller: FakeTeller, waits: number[] = [], asking: Asking = {}): TellerClient {
  const { client, settings, patience, clock = new HeldClock() } = asking;
  const certificate =
    client === undefined ? undefined : { certificate: client.certificate, privateKey: new Secret(client.privateKey) };
  return new TellerClient(
    {
      apiUrl: teller.url,
      certificate,
      authorities: teller.certificates.authority,
      timeoutMs: 5_000,
      concurrency: 2,
      ...settings,
    },
    clock,
    { pause: async (ms) => void waits.push(ms), random: () => 0.5, ...patience },
  );
}

/** Closing it closes its client. */
export function feedOf(
  teller: FakeTeller,
  environment: TellerSettings['environment'] = 'sandbox',
  { clock = new HeldClock(), ...asking }: Asking = {},
): TellerFeed {
  const connect = new TellerConnect({ environment, signingKey: undefined }, new TellerNonces(new KeyRing([]), clock));
  return new TellerFeed({ environment }, clientOf(teller, [], { ...asking, clock }), connect, currencies, clock);
}

export function accessTo({ environment, id, token }: BankEnrollment): FeedAccess {
  return { environment, enrollmentExternalId: id, accessToken: new Secret(token) };
}

export function askedOf({ id, type, currency }: BankAccount): AskedAccount {
  return { externalId: id, type, currency: currencies.parse(currency) };
}

export function refusalOf(asked: Promise<unknown>): Promise<Refusal> {
  return asked.then(
    () => {
      throw new Error('It was answered.');
    },
    (error: Refusal) => error,
  );
}

export async function codeOf(asked: Promise<unknown>): Promise<string> {
  return (await refusalOf(asked)).code;
}
