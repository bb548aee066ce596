// What a spin moves, as transfers that stand together or not at all. The bet tells what fell, for whoever asks for the spin again.
import { transferId } from './bank.mjs';
import { AWARD } from './free-spins.mjs';
import { judge, stakeTimes } from './game.mjs';
import { textOf } from './money.mjs';

/** @typedef {import('./bank.mjs').Schemas} Schemas */
/** @typedef {import('./game.mjs').Grid} Grid */
/** @typedef {Schemas['NewTransferRequest']} Row */

/**
 * @typedef {object} Drawn
 * @property {import('./seats.mjs').Player} player
 * @property {import('./seats.mjs').House} house
 * @property {string} spin
 * @property {import('./game.mjs').Game} game
 * @property {bigint} bet on each line, in minor units
 * @property {import('./free-spins.mjs').FreeSpin} [free] of which it is one
 * @property {Grid} grid
 */

/**
 * @typedef {object} Spun
 * @property {string} game
 * @property {string} bet on each line
 * @property {boolean} isFree
 * @property {Grid} grid
 * @property {string} win
 * @property {number} freeSpins won with it
 */

export const BET = 'bet';
const FREE_SPIN = 'free_spin';

/** The one bet of this spin. @param {import('./seats.mjs').Player} player @param {string} spin */
export function betId({ purse }, spin) {
  return transferId(BET, purse, spin);
}

/**
 * A free spin's stake comes back to the purse, the bet goes to the house, what is won comes from it; the stakes of free spins that are won go
 * where those lie. An award's nth free spin has one id, so that no two spins can be the same one.
 * @param {Drawn} drawn
 * @returns {Row[]}
 */
export function actOf({ player, house, spin, game, bet, free, grid }) {
  const { times, isScattered } = judge(game, grid);
  const stake = bet * stakeTimes(game);
  const freeSpins = isScattered && free === undefined ? (game.scatter?.freeSpins ?? 0) : 0;
  const text = (/** @type {bigint} */ units) => textOf(units, house.decimals);
  const facts = { spin, game: game.name, bet: text(bet) };
  const fell = { grid: grid.join(' '), win: text(bet * times), freeSpins: String(freeSpins) };
  const turn = free === undefined ? undefined : { award: free.award, nth: String(free.nth) };

  const id = betId(player, spin);
  const [purse, pot] = [player.purse, player.freeSpins];
  const moves = [
    { id, kind: BET, from: purse, to: house.id, units: stake, metadata: { ...facts, ...fell, ...turn } },
    { id: transferId('win', id), kind: 'win', from: house.id, to: purse, units: bet * times, metadata: facts },
    {
      id: transferId(AWARD, id),
      kind: AWARD,
      from: house.id,
      to: pot,
      units: stake * BigInt(freeSpins),
      metadata: { ...facts, freeSpins: fell.freeSpins },
    },
  ];
  if (turn !== undefined) {
    const freeId = transferId(FREE_SPIN, turn.award, turn.nth);
    const metadata = { ...facts, ...turn };
    moves.unshift({ id: freeId, kind: FREE_SPIN, from: pot, to: purse, units: stake, metadata });
  }
  return moves
    .filter(({ units }) => units > 0n)
    .map(({ units, ...move }) => ({ ...move, amount: text(units), memo: game.title }));
}

/** What the bet of a spin tells of it. @param {Readonly<Record<string, string>>} metadata @returns {Spun} */
export function spunOf({ game = '', bet = '', grid = '', win = '', freeSpins = '', award }) {
  return { game, bet, isFree: award !== undefined, grid: grid.split(' '), win, freeSpins: Number(freeSpins) };
}
