// A spin is one act in the bank: there is no step between two at which this program could die and owe something.
import { actOf, BET, betId, spunOf } from './act.mjs';
import { BankRefused, dataOf, ifThere } from './bank.mjs';
import { Cover } from './cover.mjs';
import { nextFreeSpin } from './free-spins.mjs';
import { drawGrid, stakeTimes, topTimes } from './game.mjs';
import { textOf, unitsOf } from './money.mjs';
import { BetNotPositive, HouseCannotPay, PlayerCannotPay, SpinIsAnother, TooManyAtOnce } from './refusals.mjs';
import { availableOn } from './seats.mjs';
import { randomByte } from './uniform.mjs';

/** @typedef {import('./seats.mjs').Player} Player */
/** @typedef {import('./act.mjs').Spun} Spun */

/**
 * @typedef {object} Asked
 * @property {string} spin made by the player: the same one is the same spin
 * @property {import('./game.mjs').Game} game
 * @property {string} bet on each line; a free spin has the bet that it was won with
 */

/** Each time that one is overtaken another one is done: more often, and something else is wrong. */
const LOOKS_MAX = 20;

export class Spins {
  /**
   * @param {import('./bank.mjs').Bank} bank
   * @param {import('./seats.mjs').House} house
   * @param {import('./uniform.mjs').NextByte} [nextByte]
   */
  constructor(bank, house, nextByte = randomByte) {
    this.bank = bank;
    this.house = house;
    this.nextByte = nextByte;
    this.cover = new Cover(async () => unitsOf(await availableOn(bank, house.id), house.decimals));
  }

  /**
   * @param {Player} player
   * @param {Asked} asked
   * @returns {Promise<Spun>}
   * @throws AmountInvalid, BetNotPositive, SpinIsAnother, HouseCannotPay, PlayerCannotPay, TooManyAtOnce, in this order; nothing has moved then
   */
  async play(player, asked) {
    const bet = unitsOf(asked.bet, this.house.decimals);
    if (bet <= 0n) throw new BetNotPositive();
    for (let look = 0; look < LOOKS_MAX; look++) {
      const spun = (await this.#played(player, asked, bet)) ?? (await this.#playNow(player, asked, bet));
      if (spun !== undefined) return spun;
    }
    throw new TooManyAtOnce();
  }

  /** @param {Player} player @param {Asked} asked @param {bigint} bet @returns {Promise<Spun | undefined>} undefined unless it was played before */
  async #played(player, { spin, game }, bet) {
    const path = { id: betId(player, spin) };
    const there = await ifThere(dataOf(this.bank.GET('/v1/transfers/{id}', { params: { path } })));
    if (there === undefined) return undefined;
    const spun = spunOf(there.metadata);
    const isSame = spun.game === game.name && (spun.isFree || spun.bet === textOf(bet, this.house.decimals));
    if (!isSame) throw new SpinIsAnother(spin);
    return spun;
  }

  /** @param {Player} player @param {Asked} asked @param {bigint} asksBet @returns {Promise<Spun | undefined>} undefined where another was faster */
  async #playNow(player, { spin, game }, asksBet) {
    const { bank, house } = this;
    const free = game.scatter && (await nextFreeSpin(bank, player.freeSpins, house.decimals));
    const bet = free === undefined ? asksBet : unitsOf(free.bet, house.decimals);
    const awards = free === undefined ? BigInt(game.scatter?.freeSpins ?? 0) * stakeTimes(game) : 0n;
    return this.cover.during(bet * (topTimes(game) + awards), async () => {
      const grid = drawGrid(game, this.nextByte);
      const rows = actOf({ player, house, spin, game, bet, free, grid });
      const isDone = await this.#settle(rows);
      return isDone ? spunOf(rows.find(({ kind }) => kind === BET)?.metadata ?? {}) : undefined;
    });
  }

  /** @param {readonly import('./act.mjs').Row[]} rows @returns {Promise<boolean>} false where another was faster */
  async #settle(rows) {
    try {
      await dataOf(this.bank.POST('/v1/transfers/bulk', { body: { mode: 'atomic', transfers: [...rows] } }));
      return true;
    } catch (error) {
      if (!(error instanceof BankRefused)) throw error;
      // Of every row that is refused the answer tells why; those after the first suffer from it.
      const { pointer = '', detail = '' } = error.problem?.errors?.[0] ?? {};
      if (detail.startsWith('transfer_id_taken')) return false;
      if (!detail.startsWith('insufficient_funds')) throw error;
      throw rows[Number(pointer.split('/')[2])]?.kind === BET ? new PlayerCannotPay() : new HouseCannotPay();
    }
  }
}
