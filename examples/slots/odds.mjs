// What a game returns of what is staked on it, exactly: counted over every way in which it can fall, in whole numbers.
import { payOf, stakeTimes } from './game.mjs';

/** @typedef {import('./game.mjs').Game} Game */

/** @typedef {{ numerator: bigint, denominator: bigint }} Fraction In lowest terms. */

/**
 * Of what is staked, the part that comes back on average, with what the free spins bring. Every line crosses each reel once, so that all lines
 * fall alike whatever their shape, and what they pay adds up whether they share cells or not: one line stands for all. Free spins are drawn
 * anew and win no others: each brings as much as a paid one without them.
 * @param {Game} game
 * @returns {Fraction}
 */
export function returnOf(game) {
  const line = linePays(game);
  const spins = plus({ numerator: 1n, denominator: 1n }, freeSpinsOf(game));
  return reduced({ numerator: line.numerator * spins.numerator, denominator: line.denominator * spins.denominator });
}

/** What a line pays on average, times the bet on it. @param {Game} game @returns {Fraction} */
export function linePays(game) {
  const lines = allOf(game.symbols, game.reels);
  let numerator = 0n;
  let denominator = 0n;
  for (const line of lines) {
    numerator += payOf(game, line);
    denominator += 1n;
  }
  return reduced({ numerator, denominator });
}

/** How many free spins a paid one wins on average. @param {Game} game @returns {Fraction} */
export function freeSpinsOf(game) {
  const { scatter } = game;
  if (scatter === undefined) return { numerator: 0n, denominator: 1n };
  const { numerator, denominator } = scattered(game, scatter);
  return reduced({ numerator: numerator * BigInt(scatter.freeSpins), denominator });
}

/** How likely it is that enough scatters fall. @param {Game} game @param {import('./game.mjs').Scatter} scatter @returns {Fraction} */
function scattered({ symbols, reels, rows }, { atLeast }) {
  const others = BigInt(symbols.length) - 1n;
  // The grids with 0, 1, 2 … scatters, counted cell by cell: the next cell is one, or one of the others.
  let grids = [1n];
  for (let cell = 0; cell < reels * rows; cell++) {
    grids = [...grids, 0n].map((without, count) => without * others + (grids[count - 1] ?? 0n));
  }
  const all = grids.reduce((sum, one) => sum + one, 0n);
  return { numerator: grids.slice(atLeast).reduce((sum, one) => sum + one, 0n), denominator: all };
}

/**
 * Every row of so many symbols.
 * @param {readonly string[]} symbols
 * @param {number} length
 * @returns {Generator<readonly string[]>}
 */
export function* allOf(symbols, length) {
  if (length === 0) yield [];
  else for (const rest of allOf(symbols, length - 1)) for (const symbol of symbols) yield [symbol, ...rest];
}

/** @param {Fraction} one @param {Fraction} other @returns {Fraction} */
function plus(one, other) {
  return {
    numerator: one.numerator * other.denominator + other.numerator * one.denominator,
    denominator: one.denominator * other.denominator,
  };
}

/** @param {Fraction} fraction @returns {Fraction} */
export function reduced({ numerator, denominator }) {
  let [one, other] = [numerator, denominator];
  while (other !== 0n) [one, other] = [other, one % other];
  return { numerator: numerator / one, denominator: denominator / one };
}

/** Cut, not rounded, after four decimals: `94.4000 %`. @param {Fraction} fraction */
export function percentText({ numerator, denominator }) {
  const digits = ((numerator * 1_000_000n) / denominator).toString().padStart(5, '0');
  return `${digits.slice(0, -4)}.${digits.slice(-4)} %`;
}

/** What the game pays and returns, as README.md publishes it. @param {Game} game */
export function payTable(game) {
  const { symbols, pays, scatter } = game;
  const runs = [...new Set(Object.values(pays).flatMap((byRun) => Object.keys(byRun).map(Number)))].sort(
    (a, b) => a - b,
  );
  const paying = symbols.filter((symbol) => pays[symbol] !== undefined);
  const highest = (/** @type {string} */ symbol) => pays[symbol]?.[game.reels] ?? 0n;
  const rows = paying.sort((one, other) => Number(highest(other) - highest(one)));
  const spins =
    scatter === undefined
      ? []
      : [`${scatter.atLeast} ${scatter.symbol} or more on a paid spin: ${scatter.freeSpins} free spins.`];
  const { numerator, denominator } = returnOf(game);
  return [
    `| | ${runs.map((run) => `${run} in a row`).join(' | ')} |`,
    `| --- | ${runs.map(() => '---:').join(' | ')} |`,
    ...rows.map((symbol) => `| ${symbol} | ${runs.map((run) => pays[symbol]?.[run] ?? '').join(' | ')} |`),
    '',
    ...spins,
    `A spin stakes ${stakeTimes(game)} × the bet. Of all stakes it returns ${numerator} / ${denominator} = ${percentText({ numerator, denominator })}.`,
  ].join('\n');
}
