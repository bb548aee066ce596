// The one rule of both games: symbols in cells, lines over the reels, and what a run of equal symbols pays.
import { uniformBelow } from './uniform.mjs';

/**
 * @typedef {object} Game
 * @property {string} name as it is called on the command line, and kept in the bank
 * @property {string} title
 * @property {readonly string[]} symbols each as likely as any other, in every cell
 * @property {number} reels
 * @property {number} rows
 * @property {readonly (readonly number[])[]} lines for each line its row on each reel; a bet is a bet on every line
 * @property {Readonly<Record<string, Readonly<Record<number, bigint>>>>} pays times the bet on a line: by symbol, and by how many of it
 *   stand side by side from the first reel on
 * @property {Scatter} [scatter]
 */

/**
 * @typedef {object} Scatter Enough of one symbol, anywhere, on a spin that was paid for.
 * @property {string} symbol
 * @property {number} atLeast
 * @property {number} freeSpins
 */

/** @typedef {readonly string[]} Grid The symbols of the cells, row by row. */

/**
 * @typedef {object} Judged
 * @property {bigint} times what all lines pay, times the bet on a line
 * @property {readonly number[]} lines those that pay
 * @property {boolean} isScattered whether it has enough scatters for free spins
 */

/** @param {Game} game @param {import('./uniform.mjs').NextByte} nextByte @returns {Grid} */
export function drawGrid({ symbols, reels, rows }, nextByte) {
  return Array.from({ length: reels * rows }, () => symbols[uniformBelow(symbols.length, nextByte)] ?? '');
}

/** @param {Game} game @param {Grid} grid @returns {Judged} */
export function judge(game, grid) {
  const { reels, lines, scatter } = game;
  const paid = lines.map((line) =>
    payOf(
      game,
      line.map((row, reel) => grid[row * reels + reel] ?? ''),
    ),
  );
  return {
    times: paid.reduce((sum, one) => sum + one, 0n),
    lines: paid.flatMap((one, line) => (one > 0n ? [line] : [])),
    isScattered: scatter !== undefined && grid.filter((symbol) => symbol === scatter.symbol).length >= scatter.atLeast,
  };
}

/** What one line pays, times the bet on it. @param {Game} game @param {readonly string[]} line its symbols, reel by reel */
export function payOf({ pays }, line) {
  const [first = ''] = line;
  const end = line.findIndex((symbol) => symbol !== first);
  return pays[first]?.[end < 0 ? line.length : end] ?? 0n;
}

/** What a spin costs, times the bet on a line. @param {Game} game */
export function stakeTimes({ lines }) {
  return BigInt(lines.length);
}

/** The most that the lines of one spin can pay, times the bet on a line. @param {Game} game */
export function topTimes(game) {
  const pays = Object.values(game.pays).flatMap((byRun) => Object.values(byRun));
  return pays.reduce((most, one) => (one > most ? one : most), 0n) * stakeTimes(game);
}
