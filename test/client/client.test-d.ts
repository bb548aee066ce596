// What the client does not let through. Checked with the rest of the code; nothing here runs.
import { expectTypeOf } from 'vitest';
import { dataOf, type PassbookClient, PassbookError, type Problem, type Schemas } from '../../client/index.js';

declare const client: PassbookClient;

/** Never called: only its types are looked at. */
export async function mistakes(): Promise<void> {
  const account = { kind: 'manual', name: 'Cash', currency: 'USD' } as const;
  await client.POST('/v1/accounts', { body: account });
  // @ts-expect-error a path that is not there
  await client.GET('/v1/acounts');
  // @ts-expect-error a method that the path does not take
  await client.DELETE('/v1/accounts');
  // @ts-expect-error a field with another name
  await client.POST('/v1/accounts', { body: { ...account, nmae: 'Cash' } });
  // @ts-expect-error a field that is missing
  await client.POST('/v1/accounts', { body: { kind: 'manual', name: 'Cash' } });
  // @ts-expect-error a word that is not in the list
  await client.POST('/v1/accounts', { body: { ...account, kind: 'linked' } });
  // @ts-expect-error money is text
  await client.POST('/v1/accounts/{id}/balances', { params: { path: { id: 'acc_1' } }, body: { ledger: 12.3 } });
  // @ts-expect-error the id in the path
  await client.GET('/v1/accounts/{id}');
  // @ts-expect-error a parameter that the list does not know
  await client.GET('/v1/accounts', { params: { query: { nothing: 1 } } });

  const read = await dataOf(client.GET('/v1/accounts/{id}', { params: { path: { id: 'acc_1' } } }));
  expectTypeOf(read).toEqualTypeOf<Schemas['AccountView']>();
  expectTypeOf(read.balance).toEqualTypeOf<Schemas['LatestBalanceView'] | null>();
  // @ts-expect-error a field that no account has
  void read.ammount;
  const { error } = await client.GET('/v1/accounts');
  expectTypeOf(error).toEqualTypeOf<Problem | undefined>();
  const thrown = new PassbookError(404, error, undefined);
  expectTypeOf(thrown.problem?.code).toEqualTypeOf<string | undefined>();
}
