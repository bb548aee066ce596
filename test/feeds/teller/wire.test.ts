// What is needed in Teller's answers must be there and of its type; what is new is let be.
import { describe, expect, it } from 'vitest';
import { FeedAnswerInvalid } from '../../../src/feeds/port/feeds.errors.js';
import {
  readAccount,
  readBalance,
  readElement,
  readElements,
  readErrorCode,
  readInstitution,
  readTransaction,
} from '../../../src/feeds/teller/teller.wire.js';
import { ACCOUNT, BALANCE, element, TRANSACTION } from './words.js';

describe('a transaction on the wire', () => {
  it('is read as documented', () => {
    expect(readTransaction(element(TRANSACTION))).toEqual({
      id: 'txn_1',
      account_id: 'acc_1',
      date: '2023-07-13',
      amount: '42.47',
      description: 'ATM Withdrawal',
      status: 'posted',
      type: 'atm',
      running_balance: '100.00',
      category: 'service',
      counterparty: 'CARDTRONICS',
    });
  });

  it.each([
    ['id', undefined, 'a transaction whose id is missing'],
    ['id', 7, 'a transaction whose id is not a text'],
    ['account_id', undefined, 'the transaction "txn_1" whose account_id is missing'],
    ['date', null, 'whose date is not a text'],
    ['amount', undefined, 'whose amount is missing'],
    ['amount', 42.47, 'whose amount is not a text'],
    ['amount', '', 'whose amount is not a text'],
    ['running_balance', 100, 'whose running_balance is not a text or null'],
    ['status', undefined, 'whose status is missing'],
    ['description', ['ATM'], 'whose description is not a text or null'],
  ])('is refused with the %s %j', (field, value, words) => {
    const read = () => readTransaction(element(TRANSACTION, { [field]: value }));
    expect(read).toThrow(FeedAnswerInvalid);
    expect(read).toThrow(words);
  });

  it.each([
    ['no details', { details: undefined }],
    ['details of another form', { details: 'none' }],
    ['details without what is looked for', { details: { merchant: {} } }],
    ['a counterparty that is null', { details: { counterparty: null, category: 7 } }],
    ['a counterparty without a name', { details: { counterparty: { name: null } } }],
  ])('may have %s', (_, over) => {
    expect(readTransaction(element(TRANSACTION, over))).toMatchObject({ category: null, counterparty: null });
  });

  it('may lack what is good to have, and bring what nobody knows', () => {
    const over = { type: undefined, running_balance: undefined, description: null, geo: { lat: 1 }, constructor: 1 };
    const { type, running_balance, description } = readTransaction(element(TRANSACTION, over));
    expect([type, running_balance, description]).toEqual([null, null, '']);
  });

  it('takes no field from where it is not written', () => {
    const polluted = readElement(Buffer.from('{"id":"txn_1","__proto__":{"amount":"1.00"}}'));
    expect(() => readTransaction(polluted)).toThrow('account_id is missing');
    expect(() => readTransaction(element({ ...TRANSACTION, toString: 1 }, { amount: undefined }))).toThrow('amount');
  });

  it.each(['[]', '"txn_1"', 'null', '7'])('is not %s', (text) => {
    expect(() => readTransaction(readElement(Buffer.from(text)))).toThrow(
      'Teller sent a transaction that is no object.',
    );
  });
});

describe('a balance on the wire', () => {
  it('has what is null or left out as null', () => {
    expect(readBalance(element(BALANCE, { available: null }))).toMatchObject({ ledger: '28575.02', available: null });
    expect(readBalance(element(BALANCE, { ledger: undefined }))).toMatchObject({ ledger: null, available: '28500.00' });
  });

  it.each([
    ['ledger', 28575.02],
    ['available', { amount: '1' }],
    ['account_id', undefined],
  ])('is refused with the %s %j', (field, value) => {
    expect(() => readBalance(element(BALANCE, { [field]: value }))).toThrow(field);
  });
});

describe('an account on the wire', () => {
  it('is refused as a whole list only where nobody could say which one it is', () => {
    expect(() => readAccount(element(ACCOUNT, { id: undefined }))).toThrow('an account whose id is missing');
    const hollow = readAccount(element({ id: 'acc_1', institution: 'chase', last_four: 7857 }));
    expect(hollow).toEqual({
      id: 'acc_1',
      name: '',
      type: '',
      subtype: '',
      currency: '',
      last_four: null,
      status: '',
      institution: { id: '', name: '' },
    });
  });
});

describe('an answer', () => {
  it('is a list of elements with their exact text', () => {
    const text = '\ufeff [ {"id" : "a",\n "name":"\\u0041"} , {"id":"b","name":"B"} ]\r\n';
    const elements = readElements(Buffer.from(text));
    expect(elements.map((one) => one.text)).toEqual(['{"id" : "a",\n "name":"\\u0041"}', '{"id":"b","name":"B"}']);
    expect(elements.map(readInstitution)).toEqual([
      { id: 'a', name: 'A' },
      { id: 'b', name: 'B' },
    ]);
  });

  it.each([
    ['', "Teller's answer must be JSON."],
    ['<html>', "Teller's answer must be JSON."],
    ['{"error":{}}', "Teller's answer must be a list."],
    ['[{"id":"a"}', "Teller's answer must be JSON."],
  ])('is not %j', (text, words) => {
    const read = () => readElements(Buffer.from(text));
    expect(read).toThrow(FeedAnswerInvalid);
    expect(read).toThrow(words);
  });

  it('is UTF-8', () => {
    expect(() => readElements(Buffer.from([0x5b, 0x22, 0xff, 0x22, 0x5d]))).toThrow("Teller's answer must be UTF-8.");
  });
});

describe('the code of a refusal', () => {
  it.each([
    [
      '{"error":{"code":"enrollment.disconnected.user_action.mfa_required"}}',
      'enrollment.disconnected.user_action.mfa_required',
    ],
    ['{"error":{"code":"a b"}}', ''],
    ['{"error":{"code":7}}', ''],
    ['{"error":"no"}', ''],
    ['[]', ''],
    ['<html>', ''],
    ['', ''],
  ])('%s', (body, code) => {
    expect(readErrorCode(Buffer.from(body))).toBe(code);
  });
});
