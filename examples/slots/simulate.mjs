// Many players at once, and what must be true of the books afterwards.
import { dataOf } from './bank.mjs';
import { stakeTimes } from './game.mjs';
import { GAMES } from './games.mjs';
import { textOf, unitsOf } from './money.mjs';
import { SpinRefused } from './refusals.mjs';
import { availableOn, sitDown } from './seats.mjs';

/** @typedef {import('./bank.mjs').Bank} Bank */
/** @typedef {import('./seats.mjs').House} House */

/**
 * @typedef {object} Played What became of one game, amounts in minor units.
 * @property {string} game
 * @property {number} spins those that were played, with the free ones
 * @property {number} refused
 * @property {bigint} staked by the players themselves
 * @property {bigint} won
 */

/**
 * All of them play at once, each one spin after the other.
 * @param {import('./spins.mjs').Spins} spins
 * @param {{ players: number, spinsEach: number, bet: string, round: string }} options round: a new name
 * @returns {Promise<{ played: readonly Played[], faults: readonly string[] }>} faults: what is wrong with the books; it must be empty
 */
export async function simulate(spins, { players, spinsEach, bet, round }) {
  const { bank, house } = spins;
  const played = GAMES.map(({ name }) => ({ game: name, spins: 0, refused: 0, staked: 0n, won: 0n }));
  const numbers = Array.from({ length: players }, (_, number) => number);
  const faults = await Promise.all(
    numbers.map(async (number) => {
      const player = await sitDown(bank, house, `player-${number + 1}`);
      const before = await holding(bank, house, player);
      let due = 0n;
      for (let nth = 0; nth < spinsEach; nth++) {
        const one = (number + nth) % GAMES.length;
        const [game, tally] = [GAMES[one], played[one]];
        if (game === undefined || tally === undefined) continue;
        const spun = await spins.play(player, { spin: `${round}/${nth}`, game, bet }).catch(orRefused);
        if (spun === undefined) {
          tally.refused += 1;
          continue;
        }
        const stake = unitsOf(spun.bet, house.decimals) * stakeTimes(game);
        const won = unitsOf(spun.win, house.decimals);
        tally.spins += 1;
        tally.staked += spun.isFree ? 0n : stake;
        tally.won += won;
        due += won + stake * BigInt(spun.freeSpins) - stake;
      }
      const off = (await holding(bank, house, player)) - before - due;
      return off === 0n ? [] : [`${player.name} holds ${textOf(off, house.decimals)} ${house.currency} too much`];
    }),
  );
  return { played, faults: [...faults.flat(), ...(await imbalance(bank, house))] };
}

/** What a player holds, with what the free spins will stake. @param {Bank} bank @param {House} house @param {import('./seats.mjs').Player} player */
async function holding(bank, { decimals }, { purse, freeSpins }) {
  return unitsOf(await availableOn(bank, purse), decimals) + unitsOf(await availableOn(bank, freeSpins), decimals);
}

/** @param {Bank} bank @param {House} house */
async function imbalance(bank, { currency }) {
  const { data } = await dataOf(bank.GET('/v1/trial-balance'));
  const off = data.filter((one) => one.currency === currency && !one.isBalanced);
  return off.map(({ sum }) => `all accounts together hold ${sum} ${currency} instead of nothing`);
}

/** @param {unknown} error @returns {undefined} */
function orRefused(error) {
  if (!(error instanceof SpinRefused)) throw error;
}
