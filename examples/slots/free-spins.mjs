// Free spins are money: what they will stake lies on an account of the player's own from the moment on in which they are won, at the bet that
// won them. Nothing else knows of them, so that nothing can be lost.
import { dataOf } from './bank.mjs';
import { unitsOf } from './money.mjs';

/** @typedef {import('./bank.mjs').Bank} Bank */
/** @typedef {import('./bank.mjs').Schemas} Schemas */

/**
 * @typedef {object} FreeSpin
 * @property {string} award the transfer with which it was won
 * @property {number} nth which of those that were won with it, from 1
 * @property {string} bet that of the spin that won it
 * @property {number} left with it, how many there are of all awards
 */

export const AWARD = 'award';
const PAGE = 100;

/**
 * The one whose turn it is: the oldest. They are used up in the order in which they were won, so what still lies there is of the latest awards.
 * All is read from one list, whose latest line tells the balance: two questions would have two answers.
 * @param {Bank} bank
 * @param {string} account where the free spins of the player lie
 * @param {number} decimals of its currency
 * @returns {Promise<FreeSpin | undefined>}
 */
export async function nextFreeSpin(bank, account, decimals) {
  /** @type {bigint | undefined} */
  let unexplained;
  let left = 0;
  for await (const transfer of latestFirst(bank, account)) {
    const line = transfer.lines.find(({ accountId }) => accountId === account);
    if (line === undefined) continue;
    unexplained ??= unitsOf(line.balance, decimals);
    if (unexplained === 0n) return undefined;
    const { bet, freeSpins } = transfer.metadata;
    const isAward = transfer.kind === AWARD && transfer.reversedBy === null;
    if (!isAward || bet === undefined || freeSpins === undefined) continue;
    const award = unitsOf(line.amount, decimals);
    if (unexplained > award) {
      unexplained -= award;
      left += Number(freeSpins);
      continue;
    }
    const ofThis = Number((unexplained * BigInt(freeSpins)) / award);
    return { award: transfer.id, nth: Number(freeSpins) - ofThis + 1, bet, left: left + ofThis };
  }
  return undefined;
}

/** @param {Bank} bank @param {string} accountId @returns {AsyncGenerator<Schemas['TransferView']>} */
async function* latestFirst(bank, accountId) {
  /** @type {string | undefined} */
  let cursor;
  do {
    const query = { accountId, order: /** @type {const} */ ('desc'), limit: PAGE, cursor };
    const page = await dataOf(bank.GET('/v1/transfers', { params: { query } }));
    yield* page.data;
    cursor = page.nextCursor ?? undefined;
  } while (cursor !== undefined);
}
