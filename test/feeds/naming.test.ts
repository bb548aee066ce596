import { afterAll, beforeAll, expect, it } from 'vitest';
import { eachStore } from '../support/each-store.js';
import { TestApp } from '../support/test-app.js';

eachStore((store) => {
  let app: TestApp;
  beforeAll(async () => {
    app = await TestApp.start(store);
  });
  afterAll(() => app.stop());

  it('keeps the name that a person gave to a linked account when the bank is synced', async () => {
    const { body: enrollment } = await app.post('/v1/enrollments', { feed: 'sandbox', institutionId: 'pearl_trust' });
    const [id] = enrollment.accountIds;
    expect((await app.get(`/v1/accounts/${id}`)).body.name).toBe('Current Account');
    await app.patch(`/v1/accounts/${id}`, { name: 'Kuwait' });
    const { body: synced } = await app.post(`/v1/enrollments/${enrollment.id}/sync`);
    expect(synced.accounts).toMatchObject([{ outcome: 'synced' }]);
    expect((await app.get(`/v1/accounts/${id}`)).body.name).toBe('Kuwait');
  });
});
