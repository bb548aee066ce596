// A client that asks a fake Teller and does not really wait.
import { Secret } from '../../../src/config/secret.js';
import { type Clock } from '../../../src/common/clock.js';
import { type Patience, TellerClient, type TellerClientSettings } from '../../../src/feeds/teller/teller.client.js';
import { HeldClock } from '../../support/test-app.js';
import { type Certified } from './fake-teller/certificates.js';
import { type FakeTeller } from './fake-teller/server.js';

export interface Asking {
  readonly client?: Certified;
  readonly settings?: Partial<TellerClientSettings>;
  readonly patience?: Partial<Patience>;
  readonly clock?: Clock;
}

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
