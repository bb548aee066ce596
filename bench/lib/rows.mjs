// The same rows every time: each is a function of its number alone, spread over accounts, owners and two years as a feed would bring them.

export const OWNERS = ['alice', 'bob', 'carol', 'dave'];
export const CURRENCIES = /** @type {const} */ (['USD', 'USD', 'USD', 'EUR', 'JPY']);

const DAY_MS = 86_400_000;
const FIRST_DAY_MS = Date.UTC(2024, 10, 21);
const DAYS = 730;
const SHOPS = [
  'Corner Market',
  'Blue Bottle',
  'Rail & Sons',
  'Café Königin',
  'Harbor Utilities',
  'Northwind Energy',
  'Acme Payroll',
  'City Transit',
  'Paper Lantern',
  'Green Grocer',
];
const CATEGORIES = [
  'groceries',
  'rent',
  'salary',
  'transit',
  'utilities',
  'dining',
  'health',
  'travel',
  'gifts',
  'insurance',
  'fees',
  'clothing',
  'books',
  'savings',
  null,
];
const TYPES = ['card_payment', 'ach', 'transfer', 'fee', 'interest'];

/** A number that looks random and is not (the finalizer of MurmurHash3). @param {number} number */
function mix(number) {
  let h = Math.imul(number ^ 0x9e3779b9, 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

const hex = (/** @type {number} */ number, /** @type {number} */ width) => number.toString(16).padStart(width, '0');

/** In the form of a UUIDv7. @param {string} prefix @param {number} ms @param {number} number */
function idOf(prefix, ms, number) {
  return `${prefix}_${hex(ms, 12)}7${hex(number & 0xfff, 3)}8${hex(number, 7)}${hex(mix(number), 8)}`;
}

/** The id of the account with this number. @param {number} number */
export function accountIdOf(number) {
  return idOf('acc', FIRST_DAY_MS, number);
}

/** @param {number} number @param {'linked' | 'manual'} [kind] */
export function accountAt(number, kind = 'linked') {
  const at = new Date(FIRST_DAY_MS).toISOString();
  const linked = kind === 'linked';
  return {
    id: accountIdOf(number),
    owner: OWNERS[number % OWNERS.length],
    kind,
    name: `Account ${number}`,
    currency: CURRENCIES[number % CURRENCIES.length],
    status: 'open',
    type: 'depository',
    subtype: 'checking',
    institutionId: 'first_harbor',
    institutionName: 'First Harbor Bank',
    lastFour: String(1000 + number),
    feed: linked ? 'sandbox' : null,
    environment: linked ? 'sandbox' : null,
    externalId: linked ? `external-account-${number}` : null,
    enrollmentId: null,
    accountNumber: null,
    systemRole: null,
    overdraftLimit: 0n,
    balanceId: null,
    balanceAvailable: null,
    balanceLedger: null,
    balanceAsOf: null,
    version: 1,
    createdAt: at,
    updatedAt: at,
    closedAt: null,
    raw: null,
    ledger: 0n,
    held: 0n,
    moneyVersion: 0,
  };
}

/** @param {number} number @param {{ accounts: number, of: number }} spread over how many accounts, and how many lines fill the two years */
export function lineAt(number, { accounts, of }) {
  const dice = mix(number);
  const account = number % accounts;
  const ms = FIRST_DAY_MS + Math.floor((number / of) * DAYS * DAY_MS);
  const at = new Date(ms).toISOString();
  const shop = SHOPS[dice % SHOPS.length] ?? '';
  const external = `ext-${number.toString(36)}-${hex(dice, 8)}`;
  const amount = BigInt((dice % 40_000) + 1) * (dice % 7 === 0 ? 1n : -1n);
  const description = `${shop.toUpperCase()} #${dice % 997} PURCHASE ${hex(dice, 8)}`;
  const notes = dice % 50 === 0 ? 'shared with the household' : null;
  return {
    id: idOf('txn', ms, number),
    owner: OWNERS[account % OWNERS.length],
    accountId: accountIdOf(account),
    date: at.slice(0, 10),
    amount,
    currency: CURRENCIES[account % CURRENCIES.length],
    description,
    counterparty: shop,
    category: CATEGORIES[dice % CATEGORIES.length],
    categorySet: false,
    notes,
    status: dice % 400 === 0 ? 'removed' : 'posted',
    type: TYPES[dice % TYPES.length],
    runningBalance: BigInt(dice % 10_000_000),
    source: 'feed',
    externalId: external,
    pendingExternalId: null,
    searchText: `${description}\n${shop}${notes === null ? '' : `\n${notes}`}`.toLowerCase(),
    counterpartyFolded: shop.toLowerCase(),
    version: 1,
    createdAt: at,
    updatedAt: at,
    raw: `{"id":"${external}","date":"${at.slice(0, 10)}","amount":"${amount}","description":"${description}","details":{"processing_status":"complete","counterparty":{"name":"${shop}","type":"organization"}}}`,
  };
}

/** @param {number} number @param {{ accounts: number, of: number }} spread */
export function balanceAt(number, { accounts, of }) {
  const dice = mix(number + 7_000_000);
  const account = number % accounts;
  // Each account's moments rise, and no two are the same.
  const ms = FIRST_DAY_MS + Math.floor(number / accounts) * Math.floor((DAYS * DAY_MS) / Math.ceil(of / accounts));
  const at = new Date(ms).toISOString();
  return {
    id: idOf('bal', ms, number),
    owner: OWNERS[account % OWNERS.length],
    accountId: accountIdOf(account),
    asOf: at,
    available: BigInt(dice % 10_000_000),
    ledger: BigInt(dice % 10_000_000) + 100n,
    source: 'feed',
    createdAt: at,
    raw: null,
  };
}

/** @template T @param {number} count @param {(number: number) => T} at @returns {T[]} */
export function rowsOf(count, at, from = 0) {
  return Array.from({ length: count }, (_, index) => at(from + index));
}
