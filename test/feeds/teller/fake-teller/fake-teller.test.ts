// The fake Teller is what its documentation says, so that what is tested against it is worth something.
import { createHmac, generateKeyPairSync, verify } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { type AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { Agent, request } from 'undici';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type BankEnrollment, DISCONNECT_REASONS } from './bank.js';
import { type Certified } from './certificates.js';
import { FakeTeller } from './server.js';
import { disconnectedEvent, sendWebhook, signed, testEvent } from './webhooks.js';

let teller: FakeTeller;
let agents: Agent[] = [];
beforeAll(async () => {
  teller = await FakeTeller.start();
});
afterEach(async () => {
  await Promise.all(agents.map((agent) => agent.destroy()));
  agents = [];
});
afterAll(() => teller.stop());

async function ask(
  path: string,
  {
    token,
    method = 'GET',
    client,
  }: { readonly token?: string; readonly method?: 'GET' | 'DELETE'; readonly client?: Certified } = {},
): Promise<{ readonly status: number; readonly text: string; readonly body: any }> {
  const dispatcher = new Agent({
    connect: { ca: teller.certificates.authority, cert: client?.certificate, key: client?.privateKey },
  });
  agents.push(dispatcher);
  const headers = token === undefined ? {} : { authorization: `Basic ${btoa(`${token}:`)}` };
  const { statusCode, body } = await request(`${teller.url}${path}`, { dispatcher, method, headers });
  const text = await body.text();
  return { status: statusCode, text, body: text.startsWith('<') || text === '' ? undefined : JSON.parse(text) };
}

function codeOf({ status, body }: { readonly status: number; readonly body: any }): string {
  return `${status} ${body?.error?.code}`;
}

describe('the fake Teller', () => {
  it('lists, newest first, what its account holds, from an id and between days', async () => {
    const account = teller.bank.open({ opening: '100.00' });
    const lines = ['2026-11-01', '2026-11-03', '2026-11-03', '2026-11-05'].map((date, i) =>
      account.post({ date, amount: `-${i + 1}.00` }),
    );
    const held = account.hold({ date: '2026-11-06', amount: '-7.00' });
    const { token } = teller.bank.enroll([account]);
    const ids = async (query: string) =>
      (await ask(`/accounts/${account.id}/transactions${query}`, { token })).body.map((line: any) => line.id);
    const [a, b, c, d] = lines.map(({ id }) => id);
    expect(await ids('')).toEqual([held.id, d, c, b, a]);
    expect(await ids(`?count=2`)).toEqual([held.id, d]);
    expect(await ids(`?count=2&from_id=${d}`)).toEqual([c, b]);
    expect(await ids('?start_date=2026-11-03&end_date=2026-11-05')).toEqual([d, c, b]);
    expect(await ids(`?from_id=${a}`)).toEqual([]);
    const listed = await ask(`/accounts/${account.id}/transactions`, { token });
    expect(listed.body.map((line: any) => line.running_balance)).toEqual([null, '90.00', '94.00', '97.00', '99.00']);
    expect(listed.text).toContain('"amount" : "-7.00"');
    expect((await ask(`/accounts/${account.id}/balances`, { token })).body).toMatchObject({
      ledger: '90.00',
      available: '83.00',
    });
    const settled = account.settle(held, { newId: true, date: '2026-11-02', amount: '-8.00' });
    expect(await ids('')).toEqual([d, c, b, settled.id, a]);
  });

  it('refuses as documented', async () => {
    const account = teller.bank.open();
    const { client } = teller.certificates;
    const live = teller.bank.enroll([account], { environment: 'production' });
    const { token } = teller.bank.enroll([account]);
    const code = async (...given: Parameters<typeof ask>) => codeOf(await ask(...given));
    expect((await ask('/institutions')).body[0]).toMatchObject({ id: 'security_cu', name: 'Security Credit Union' });
    expect(await code('/accounts')).toBe('401 unauthorized');
    expect(await code('/accounts', { token: 'test_token_x' })).toBe('403 forbidden');
    expect(await code('/accounts', { token: live.token })).toBe('400 bad_request');
    expect(await code('/accounts', { token: live.token, client: client.valid })).toBe('200 undefined');
    for (const bad of [client.expired, client.foreign])
      expect(await code('/accounts', { token, client: bad })).toBe('400 undefined');
    expect(await code('/accounts/acc_x', { token })).toBe('404 not_found');
    expect(await code(`/accounts/${account.id}/transactions?from_id=txn_x`, { token })).toBe('404 not_found');
    account.close('inactive');
    expect(await code(`/accounts/${account.id}/balances`, { token })).toBe('410 account.closed.inactive');
    expect((await ask('/accounts', { token })).body[0].status).toBe('closed');
    expect(await code('/accounts', { token, method: 'DELETE' })).toBe('204 undefined');
    expect(await code('/accounts', { token })).toBe('403 forbidden');
  });

  it('disconnects for each reason, is repaired, and gives the same accounts to another consent', async () => {
    const account = teller.bank.open();
    const enrollment = teller.bank.enroll([account]);
    for (const reason of DISCONNECT_REASONS) {
      enrollment.disconnect(reason);
      const word = reason === '' ? '' : `.${reason}`;
      expect(codeOf(await ask('/accounts', enrollment))).toBe(`404 enrollment.disconnected${word}`);
    }
    enrollment.disconnect('', { stillListed: true });
    expect((await ask('/accounts', enrollment)).status).toBe(200);
    expect((await ask(`/accounts/${account.id}/balances`, enrollment)).status).toBe(404);
    enrollment.repair();
    const again = teller.bank.reEnroll(enrollment);
    const idsOf = async (asked: BankEnrollment) => (await ask('/accounts', asked)).body.map(({ id }: any) => id);
    expect(await idsOf(enrollment)).toEqual(await idsOf(again));
    expect(again.userId).not.toBe(enrollment.userId);
  });

  it('signs a consent and a webhook', () => {
    const { publicKey, privateKey } = generateKeyPairSync('ed25519');
    const enrollment = teller.bank.enroll([teller.bank.open()]);
    const consent: any = enrollment.onSuccess({ nonce: 'n1', keys: [privateKey] });
    const text = `n1.${enrollment.token}.${enrollment.userId}.${enrollment.id}.sandbox`;
    expect(verify(null, Buffer.from(text), publicKey, Buffer.from(consent.signatures[0], 'base64'))).toBe(true);
    const { body, headers } = signed(disconnectedEvent(enrollment, 'account_locked', 5_000), {
      secrets: ['new', 'old'],
      at: 5_999,
    });
    const sign = (secret: string) => createHmac('sha256', secret).update(`5.${body}`).digest('hex');
    expect(headers['teller-signature']).toBe(`t=5,v1=${sign('new')},v1=${sign('old')}`);
    expect(JSON.parse(body).payload).toEqual({ enrollment_id: enrollment.id, reason: 'disconnected.account_locked' });
  });

  it('brings a webhook to whoever listens', async () => {
    const came: unknown[] = [];
    const service = createServer((question, answer) => {
      void text(question).then((body) => {
        came.push(question.headers['teller-signature'], JSON.parse(body).type);
        answer.writeHead(204).end();
      });
    }).listen(0, '127.0.0.1');
    await once(service, 'listening');
    const webhook = signed(testEvent(0), { secrets: ['s'], at: 0 });
    expect(await sendWebhook(`http://127.0.0.1:${(service.address() as AddressInfo).port}/hook`, webhook)).toBe(204);
    expect(came).toEqual([webhook.headers['teller-signature'], 'webhook.test']);
    service.close();
    service.closeAllConnections();
  });

  it('lets days pass, and what was planned for them happen', () => {
    const { bank } = teller;
    const account = bank.open();
    const held = account.hold({ amount: '-1.00' });
    bank.later(21, () => account.withdraw(held));
    bank.advance(20);
    expect(account.list()).toEqual([held]);
    bank.advance(1);
    expect(account.list()).toEqual([]);
  });
});
