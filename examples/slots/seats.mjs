// Who sits at the machines: the house, and players with a purse, each with an account in the bank.
import { BankRefused, dataOf, digestOf, ifThere, transferId } from './bank.mjs';
import { decimalsOf } from './money.mjs';
import { NoHouse, NumberIsAnothers } from './refusals.mjs';

/** @typedef {import('./bank.mjs').Bank} Bank */
/** @typedef {import('./bank.mjs').Schemas} Schemas */
/** @typedef {import('./game.mjs').Game} Game */

/**
 * @typedef {object} House
 * @property {string} id its account
 * @property {string} currency
 * @property {number} decimals of the currency
 */

/**
 * @typedef {object} Player
 * @property {string} name
 * @property {string} purse the account from which bets are paid, and to which wins go
 * @property {string} freeSpins the account on which the stakes of free spins lie
 */

/** Of the accounts on which free spins lie: what a player's own key could reach would be money, and not spins. */
const OWNER = 'slots';
const WELCOME = '1000';
/** Of account numbers: 32, none of which is taken for another. */
const LETTERS = 'ABCDEFGHJKLMNPQRSTUVWXYZ23456789';

/** @param {Bank} bank @param {string} currency @returns {Promise<House>} */
export async function findHouse(bank, currency) {
  const { id, balance } = await systemAccount(bank, 'house', currency);
  return { id, currency, decimals: decimalsOf(balance?.available ?? '') };
}

/**
 * Opens what the player lacks, and welcomes who is new with money of the treasury: both once, whoever asks for it, and however often.
 * @param {Bank} bank
 * @param {House} house
 * @param {string} name
 * @returns {Promise<Player>}
 */
export async function sitDown(bank, { currency }, name) {
  const purse = await openAccount(bank, { owner: name, name: 'Purse', currency });
  const freeSpins = await openAccount(bank, { owner: OWNER, name: `Free spins of ${name}`, currency });
  await welcome(bank, purse, currency);
  return { name, purse, freeSpins };
}

/** @param {Bank} bank @param {string} purse @param {string} currency */
async function welcome(bank, purse, currency) {
  const id = transferId('welcome', purse);
  if ((await ifThere(dataOf(bank.GET('/v1/transfers/{id}', { params: { path: { id } } })))) !== undefined) return;
  const { id: treasury } = await systemAccount(bank, 'treasury', currency);
  await dataOf(
    bank.POST('/v1/transfers', { body: { id, from: treasury, to: purse, amount: WELCOME, kind: 'welcome' } }),
  );
}

/** What an account holds, as the bank writes it. @param {Bank} bank @param {string} id */
export async function availableOn(bank, id) {
  const { balance } = await dataOf(bank.GET('/v1/accounts/{id}', { params: { path: { id } } }));
  return balance?.available ?? '0';
}

/** @param {Bank} bank @param {'house' | 'treasury'} systemRole @param {string} currency */
async function systemAccount(bank, systemRole, currency) {
  const { data } = await dataOf(bank.GET('/v1/accounts', { params: { query: { systemRole, currency } } }));
  const [found] = data;
  if (found === undefined) throw new NoHouse(systemRole, currency);
  return found;
}

/** Its number is made from whose it is and what for, and the bank has each number once. @param {Bank} bank @param {{ owner: string, name: string, currency: string }} wanted */
async function openAccount(bank, wanted) {
  const accountNumber = numberFor(wanted.owner, wanted.name, wanted.currency);
  const find = async () => {
    const { data } = await dataOf(bank.GET('/v1/accounts', { params: { query: { accountNumber } } }));
    const [found] = data;
    if (found !== undefined && found.owner !== wanted.owner) throw new NumberIsAnothers(accountNumber);
    return found?.id;
  };
  const there = await find();
  if (there !== undefined) return there;
  try {
    return (await dataOf(bank.POST('/v1/accounts', { body: { kind: 'book', accountNumber, ...wanted } }))).id;
  } catch (error) {
    // Somebody else opened it in this moment.
    const opened = error instanceof BankRefused && error.status === 409 ? await find() : undefined;
    if (opened === undefined) throw error;
    return opened;
  }
}

/** @param {...string} what */
function numberFor(...what) {
  const letters = Array.from(
    digestOf(['account', ...what]).subarray(0, 8),
    (byte) => LETTERS[byte % LETTERS.length],
  ).join('');
  return `NC-${letters.slice(0, 4)}-${letters.slice(4)}`;
}
