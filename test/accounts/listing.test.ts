// Accounts are listed in the order of their opening, by any filter.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { allPages, bodyOf, linkedAccount, openAccount, ownerOf, type Json } from '../support/builders.js';
import { eachStore } from '../support/each-store.js';
import { TestApp } from '../support/test-app.js';

eachStore((store) => {
  let app: TestApp;
  let all: Json[];
  beforeAll(async () => {
    app = await TestApp.start(store);
    await openAccount(app, { institution: { id: 'first_harbor', name: 'First Harbor Bank' } });
    await openAccount(app, { kind: 'book', currency: 'EUR', owner: 'ann' });
    await linkedAccount(app, { owner: ownerOf('ann'), enrollmentId: `enr_${'1'.repeat(32)}` as never });
    const { id } = await openAccount(app, { currency: 'EUR', institution: { id: 'First_Harbor', name: 'x' } });
    await app.post(`/v1/accounts/${id}/close`);
    all = (await bodyOf(app.get('/v1/accounts'))).data;
  });
  afterAll(() => app.stop());

  it('shows each as it is shown alone', async () => {
    expect(all).toHaveLength(4);
    expect(all.map(({ id }) => id)).toEqual(all.map(({ id }) => id as string).sort());
    for (const account of all) expect(await bodyOf(app.get(`/v1/accounts/${account.id}`))).toEqual(account);
  });

  it.each<[string, (account: Json) => boolean]>([
    ['kind=manual', ({ kind }) => kind === 'manual'],
    ['kind=book', ({ kind }) => kind === 'book'],
    ['kind=linked', ({ kind }) => kind === 'linked'],
    ['status=open', ({ status }) => status === 'open'],
    ['status=closed', ({ status }) => status === 'closed'],
    ['institutionId=first_harbor', ({ institution }) => institution?.id === 'first_harbor'],
    ['institutionId=nowhere', () => false],
    ['currency=EUR', ({ currency }) => currency === 'EUR'],
    ['currency=ZZZ', () => false],
    [`enrollmentId=enr_${'1'.repeat(32)}`, ({ enrollmentId }) => enrollmentId !== null],
    ['owner=ann', ({ owner }) => owner === 'ann'],
    ['owner=ann&currency=EUR&kind=book&status=open', ({ kind }) => kind === 'book'],
    ['kind=manual&currency=USD&status=closed', () => false],
  ])('by %s', async (query, isMeant) => {
    const meant = all.filter(isMeant);
    expect((await bodyOf(app.get(`/v1/accounts?${query}`))).data).toEqual(meant);
    expect(await allPages(app, `/v1/accounts?limit=1&${query}`)).toEqual(meant);
  });
});
