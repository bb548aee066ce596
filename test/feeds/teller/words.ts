// Teller's words as a test gives them to the translation: documented objects, with something else laid over.
import { type Currency } from '../../../src/common/currency.js';
import { type JsonElement, jsonElement } from '../../../src/common/json-elements.js';
import { type Asked } from '../../../src/feeds/teller/teller.translation.js';

type Over = Readonly<Record<string, unknown>>;

export const ACCOUNT = {
  enrollment_id: 'enr_oiin624rqaojse22oe000',
  links: { self: 'https://api.teller.io/accounts/acc_1' },
  institution: { name: 'Security Credit Union', id: 'security_cu' },
  type: 'credit',
  name: 'Platinum Card',
  subtype: 'credit_card',
  currency: 'USD',
  id: 'acc_1',
  last_four: '7857',
  status: 'open',
};

export const BALANCE = { ledger: '28575.02', account_id: 'acc_1', available: '28500.00', links: {} };

export const TRANSACTION = {
  details: {
    processing_status: 'complete',
    category: 'service',
    counterparty: { type: 'organization', name: 'CARDTRONICS' },
  },
  running_balance: '100.00',
  description: 'ATM Withdrawal',
  account_id: 'acc_1',
  date: '2023-07-13',
  id: 'txn_1',
  links: {},
  amount: '42.47',
  type: 'atm',
  status: 'posted',
};

/** Fields that are undefined are left out. */
export function element(object: Over, over: Over = {}): JsonElement {
  return jsonElement(JSON.stringify({ ...object, ...over }));
}

export function asked(over: Partial<Asked> = {}): Asked {
  return { externalId: 'acc_1', type: 'depository', currency: 'USD' as Currency, exponent: 2, ...over };
}
