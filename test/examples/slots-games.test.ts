// The two games of examples/slots: what falls, what it pays, and that they return what their pay tables publish.
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { drawGrid, type Game, judge, stakeTimes, topTimes } from '../../examples/slots/game.mjs';
import { gameNamed, GAMES } from '../../examples/slots/games.mjs';
import { decimalsOf, textOf, unitsOf } from '../../examples/slots/money.mjs';
import {
  allOf,
  type Fraction,
  freeSpinsOf,
  linePays,
  payTable,
  percentText,
  reduced,
  returnOf,
} from '../../examples/slots/odds.mjs';
import { AmountInvalid } from '../../examples/slots/refusals.mjs';
import { randomByte, uniformBelow } from '../../examples/slots/uniform.mjs';

const README = readFileSync(new URL('../../examples/slots/README.md', import.meta.url), 'utf8');
const glitch = gameNamed('glitch-grid')!;
const starlight = gameNamed('starlight-smuggler')!;

describe('Glitch Grid', () => {
  it.each([
    ['🏢 🏢 🏢', 40n],
    ['💀 💀 💀', 20n],
    ['💀 💀 01', 2n],
    ['🔌 🔌 🏢', 1n],
    // Neither the last two, nor the outer two; and nothing stands for anything else.
    ['01 💀 💀', 0n],
    ['💀 01 💀', 0n],
    ['💀 🏢 💀', 0n],
  ])('%s pays %s times the bet', (reels, times) => {
    expect(judge(glitch, reels.split(' '))).toEqual({ times, lines: times > 0n ? [0] : [], isScattered: false });
  });
});

describe('Starlight Smuggler', () => {
  it('pays the run from the first reel on each line, and nothing for one that begins later', () => {
    const grid = ['💎 💎 💎 🚀 ⭐', '🗺️ 🚀 🚀 🚀 🚀', '⭐ ⭐ ⭐ ⭐ ⭐'].flatMap((row) => row.split(' '));
    // The top row, the bottom row; on the others the second symbol differs from the first.
    expect(judge(starlight, grid)).toEqual({ times: 20n + 80n, lines: [0, 2], isScattered: false });
  });

  it('follows the lines over the rows', () => {
    for (const [line, rows] of starlight.lines.entries()) {
      const grid = Array.from({ length: 15 }, (_, cell) =>
        rows[cell % 5] === Math.floor(cell / 5) ? '🚀' : cell % 2 === 0 ? '🌀' : '🔫',
      );
      expect(judge(starlight, grid)).toMatchObject({ times: 200n, lines: [line] });
    }
  });

  it('has nine different lines, each over every reel and within the grid', () => {
    expect(new Set(starlight.lines.map(String)).size).toBe(9);
    for (const line of starlight.lines) {
      expect(line).toHaveLength(5);
      expect(line.every((row) => row >= 0 && row < 3)).toBe(true);
    }
  });

  it('wormholes pay nothing, and three of them anywhere are free spins', () => {
    const wormholes = (count: number): string[] =>
      Array.from({ length: 15 }, (_, cell) => (cell < count ? '🌀' : ['🚀', '🔫'][cell % 2]!));
    expect(judge(starlight, wormholes(2)).isScattered).toBe(false);
    expect(judge(starlight, wormholes(3)).isScattered).toBe(true);
    expect(judge(starlight, wormholes(15))).toEqual({ times: 0n, lines: [], isScattered: true });
  });

  it('its top win is the dearest symbol everywhere', () => {
    const everywhere = starlight.symbols.map((symbol) =>
      judge(
        starlight,
        Array.from({ length: 15 }, () => symbol),
      ),
    );
    const most = everywhere.reduce((top, { times }) => (times > top ? times : top), 0n);
    expect({ most, top: topTimes(starlight) }).toEqual({ most: 2_250n, top: 2_250n });
  });
});

describe('chance', () => {
  it('deals the same number of byte values to each number, and draws again for every other, whatever the count', () => {
    for (let count = 1; count <= 256; count++) {
      const dealt = Array.from({ length: count }, () => 0);
      let again = 0;
      for (let byte = 0; byte < 256; byte++) {
        const bytes = [byte];
        try {
          dealt[uniformBelow(count, () => bytes.pop() ?? fail('drawn again'))]! += 1;
        } catch {
          again += 1;
        }
      }
      expect({ dealt: [...new Set(dealt)], again }).toEqual({ dealt: [Math.floor(256 / count)], again: 256 % count });
    }
  });

  it('draws again until a byte is dealt', () => {
    const bytes = [255, 252, 7];
    expect(uniformBelow(6, () => bytes.shift()!)).toBe(1);
    expect(bytes).toEqual([]);
  });

  it('every byte comes up', () => {
    expect(new Set(Array.from({ length: 10_000 }, randomByte)).size).toBe(256);
  });

  it('every cell is drawn for itself', () => {
    let drawn = 0;
    const grid = drawGrid(starlight, () => drawn++ % 6);
    expect(grid.join()).toBe([...starlight.symbols, ...starlight.symbols, ...starlight.symbols].slice(0, 15).join());
    expect(drawn).toBe(15);
  });
});

describe('the return', () => {
  it.each(GAMES)('of $title lies within 85 and 98 %, and is published with its pay table', (game) => {
    const { numerator, denominator } = returnOf(game);
    expect(numerator * 100n >= denominator * 85n && numerator * 100n <= denominator * 98n).toBe(true);
    expect(README).toContain(payTable(game));
  });

  it('of Glitch Grid is what all its 125 grids pay', () => {
    expect(byHand(glitch)).toEqual({ numerator: 118n, denominator: 125n });
    expect(returnOf(glitch)).toEqual(byHand(glitch));
  });

  it.each<[string, Game]>([
    ['two rows of three reels', board(3, 2, 'abcd', [[0, 0, 0], [1, 1, 1], [0, 1, 0]], 'd', 2)], // prettier-ignore
    ['three rows of three reels', board(3, 3, 'abc', [[0, 1, 2], [2, 1, 0], [1, 1, 1], [0, 1, 2]], 'c', 4)], // prettier-ignore
    ['two rows of five reels', board(5, 2, 'abc', [[0, 0, 0, 0, 0], [0, 1, 0, 1, 0], [1, 0, 0, 0, 1]], 'b', 5)], // prettier-ignore
  ])('counted by line and by scatters is the one of every grid: %s', (_, game) => {
    expect(returnOf(game)).toEqual(byHand(game));
  });

  it('with free spins is the one of every way in which a paid spin and its free ones fall', () => {
    const game = board(2, 2, 'ab', [[0, 0], [0, 1]], 'b', 3); // prettier-ignore
    const grids = [...allOf(game.symbols, 4)].map((grid) => judge(game, grid));
    let paid = 0n;
    for (const one of grids)
      for (const two of grids)
        for (const three of grids) paid += one.times + (one.isScattered ? two.times + three.times : 0n);
    const ways = BigInt(grids.length ** 3) * stakeTimes(game);
    expect(returnOf(game)).toEqual(reduced({ numerator: paid, denominator: ways }));
  });

  it("of the original's pay tables is what was found of them, and why they could not stay", () => {
    const three = { '🏢': 100n, '💀': 50n, '㊙️': 40n, '01': 30n, '🔌': 20n };
    const original = Object.entries(three).map(([symbol, times]) => [symbol, { 2: times / 10n, 3: times }]);
    expect(percentText(returnOf({ ...glitch, pays: Object.fromEntries(original) }))).toBe('268.8000 %');
    const generous = { ...starlight, scatter: { ...starlight.scatter!, freeSpins: 5 } };
    expect(percentText(returnOf(generous))).toBe('164.4533 %');
    expect(percentText(linePays(starlight))).toBe('49.2541 %');
    expect(percentText(freeSpinsOf(generous))).toBe('233.8875 %');
  });
});

describe('amounts', () => {
  it.each([
    ['1.00', 2, 100n],
    ['0.05', 2, 5n],
    ['-0.05', 2, -5n],
    ['3', 2, 300n],
    ['1.5', 3, 1500n],
    ['7', 0, 7n],
  ])('%s with %i decimals', (text, decimals, units) => {
    expect(unitsOf(text, decimals)).toBe(units);
    expect(unitsOf(textOf(units, decimals), decimals)).toBe(units);
    expect(decimalsOf(textOf(units, decimals))).toBe(decimals);
  });

  it.each(['', '.5', '1.', '+1', '1e3', '01', ' 1', '1,00', 'NaN', '1.005', '1000000000000000'])(
    '%j is none',
    (text) => {
      expect(() => unitsOf(text, 2)).toThrow(AmountInvalid);
    },
  );
});

function fail(why: string): never {
  throw new Error(why);
}

/** A small game in which every symbol pays something for every run, so that a fault in one of them shows. */
function board(
  reels: number,
  rows: number,
  symbols: string,
  lines: number[][],
  scatter: string,
  atLeast: number,
): Game {
  const pays = [...symbols].map((symbol, nth) => [
    symbol,
    Object.fromEntries(Array.from({ length: reels }, (_, run) => [run + 1, BigInt((nth + 2) ** (run + 1))])),
  ]);
  return {
    name: 'small',
    title: 'Small',
    symbols: [...symbols],
    reels,
    rows,
    lines,
    pays: Object.fromEntries(pays),
    scatter: { symbol: scatter, atLeast, freeSpins: 2 },
  };
}

/** The return, counted over every grid. */
function byHand(game: Game): Fraction {
  let grids = 0n;
  let scattered = 0n;
  let paid = 0n;
  for (const grid of allOf(game.symbols, game.reels * game.rows)) {
    const { times, isScattered } = judge(game, grid);
    grids += 1n;
    paid += times;
    if (isScattered) scattered += 1n;
  }
  const freeSpins = BigInt(game.scatter?.freeSpins ?? 0);
  return reduced({
    numerator: paid * (grids + freeSpins * scattered),
    denominator: grids * grids * stakeTimes(game),
  });
}
