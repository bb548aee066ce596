// The two games. README.md publishes what they pay and what they return.

/** @typedef {import('./game.mjs').Game} Game */

/** @type {Game} */
const GLITCH_GRID = {
  name: 'glitch-grid',
  title: 'Glitch Grid',
  symbols: ['💀', '01', '🔌', '㊙️', '🏢'],
  reels: 3,
  rows: 1,
  lines: [[0, 0, 0]],
  pays: {
    '🏢': { 2: 2n, 3: 40n },
    '💀': { 2: 2n, 3: 20n },
    '㊙️': { 2: 1n, 3: 15n },
    '01': { 2: 1n, 3: 10n },
    '🔌': { 2: 1n, 3: 5n },
  },
};

/** @type {Game} */
const STARLIGHT_SMUGGLER = {
  name: 'starlight-smuggler',
  title: 'Starlight Smuggler',
  symbols: ['🚀', '🗺️', '🔫', '💎', '🌀', '⭐'],
  reels: 5,
  rows: 3,
  lines: [
    [0, 0, 0, 0, 0],
    [1, 1, 1, 1, 1],
    [2, 2, 2, 2, 2],
    [0, 1, 2, 1, 0],
    [2, 1, 0, 1, 2],
    [0, 0, 1, 2, 2],
    [2, 2, 1, 0, 0],
    [1, 0, 0, 0, 1],
    [1, 2, 2, 2, 1],
  ],
  pays: {
    '💎': { 3: 20n, 4: 75n, 5: 250n },
    '🚀': { 3: 15n, 4: 50n, 5: 200n },
    '🗺️': { 3: 12n, 4: 40n, 5: 150n },
    '🔫': { 3: 10n, 4: 30n, 5: 100n },
    '⭐': { 3: 8n, 4: 25n, 5: 80n },
  },
  scatter: { symbol: '🌀', atLeast: 3, freeSpins: 2 },
};

/** @type {readonly Game[]} */
export const GAMES = [GLITCH_GRID, STARLIGHT_SMUGGLER];

/** @param {string} name */
export function gameNamed(name) {
  return GAMES.find((game) => game.name === name);
}
