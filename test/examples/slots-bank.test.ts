// The game bank of examples/slots against the real service: whatever happens on the way, a spin has one outcome and one effect.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Bank } from '../../examples/slots/bank.mjs';
import { nextFreeSpin } from '../../examples/slots/free-spins.mjs';
import { HouseCannotPay, PlayerCannotPay, SpinIsAnother, TooManyAtOnce } from '../../examples/slots/refusals.mjs';
import { type Player, sitDown } from '../../examples/slots/seats.mjs';
import { simulate } from '../../examples/slots/simulate.mjs';
import { Spins } from '../../examples/slots/spins.mjs';
import { allPages, bodyOf, type Json, setAccount } from '../support/builders.js';
import { eachStore } from '../support/each-store.js';
import { Gate } from '../support/gate.js';
import { share } from '../support/share.js';
import { Casino, DULL, falling, glitch, isAct, JACKPOT, NOTHING, SCATTERED, starlight } from './casino.js';

const WELCOME = 'welcome 1000.00';

eachStore((store) => {
  let casino: Casino;
  beforeAll(async () => {
    casino = await Casino.open(store);
  });
  afterAll(() => casino.close());

  const seat = (name: string): Promise<Player> => sitDown(casino.bank, casino.house, name);
  const spinsOf = (nextByte?: () => number, bank = casino.bank): Spins => new Spins(bank, casino.house, nextByte);
  /** A connection that sends what moves money only once the gate is open. */
  const actsBehind = (gate: Gate, reached = new Gate()): Bank =>
    casino.bankBy(async (request) => {
      if (isAct(request)) {
        reached.open();
        await gate.passed;
      }
      return fetch(request);
    });
  /** A process that is gone when it has sent what moves money, or just before. */
  const dieOnAct = async (moment: 'before' | 'after', play: (bank: Bank) => Promise<unknown>): Promise<void> => {
    const dead = new Gate();
    const bank = casino.bankBy(async (request) => {
      if (!isAct(request)) return fetch(request);
      if (moment === 'after') await fetch(request);
      dead.open();
      return new Promise(() => undefined);
    });
    void play(bank);
    await dead.passed;
  };

  it('a bet and its win are transfers between the purse and the house', async () => {
    const player = await seat('ada');
    const before = await casino.holds(casino.house.id);
    const spins = spinsOf(falling(glitch, JACKPOT, NOTHING));
    expect(await spins.play(player, { spin: 'one', game: glitch, bet: '2' })).toEqual({
      game: 'glitch-grid',
      bet: '2.00',
      isFree: false,
      grid: JACKPOT.split(' '),
      win: '80.00',
      freeSpins: 0,
    });
    expect(await spins.play(player, { spin: 'two', game: glitch, bet: '3' })).toMatchObject({ win: '0.00' });
    expect(await casino.moves(player.purse)).toEqual([WELCOME, 'bet -2.00', 'win 80.00', 'bet -3.00']);
    expect(await casino.holds(player.purse)).toBe(107_500n);
    expect(await casino.holds(casino.house.id)).toBe(before - 7_500n);
  });

  it('a spin that is asked for again is told again, by whichever process, at once or later', async () => {
    const player = await seat('bob');
    const asked = { spin: 'one', game: glitch, bet: '1.00' };
    const spun = await Promise.all(Array.from({ length: 8 }, () => spinsOf().play(player, asked)));
    const again = await spinsOf(falling(glitch)).play(player, asked);
    expect(new Set([...spun, again].map((one) => JSON.stringify(one))).size).toBe(1);
    expect(await casino.moves(player.purse)).toEqual([
      WELCOME,
      'bet -1.00',
      ...(again.win === '0.00' ? [] : [`win ${again.win}`]),
    ]);
    await expect(spinsOf().play(player, { ...asked, bet: '2.00' })).rejects.toThrow(SpinIsAnother);
    await expect(spinsOf().play(player, { ...asked, game: starlight })).rejects.toThrow(SpinIsAnother);
  });

  it('a process that dies leaves a whole spin or none of it, and the next one goes on from there', async () => {
    const player = await seat('cyd');
    const asked = { spin: 'one', game: glitch, bet: '1.00' };
    await dieOnAct('before', (bank) => spinsOf(falling(glitch, NOTHING), bank).play(player, asked));
    expect(await casino.moves(player.purse)).toEqual([WELCOME]);
    await dieOnAct('after', (bank) => spinsOf(falling(glitch, JACKPOT), bank).play(player, asked));
    expect(await casino.moves(player.purse)).toEqual([WELCOME, 'bet -1.00', 'win 40.00']);
    expect(await spinsOf(falling(glitch)).play(player, asked)).toMatchObject({ win: '40.00' });
    expect(await casino.moves(player.purse)).toEqual([WELCOME, 'bet -1.00', 'win 40.00']);
  });

  it('a player who cannot pay is refused, and nothing moves', async () => {
    const player = await seat('dan');
    const spins = spinsOf(falling(glitch, JACKPOT));
    await expect(spins.play(player, { spin: 'one', game: glitch, bet: '1000.01' })).rejects.toThrow(PlayerCannotPay);
    expect(await casino.moves(player.purse)).toEqual([WELCOME]);
  });

  it('a house that cannot pay the highest win takes no bet, and nothing is drawn', async () => {
    const poor = await casino.houseWith('39.99');
    const player = await seat('eve');
    const asked = { spin: 'one', game: glitch, bet: '1.00' };
    await expect(new Spins(casino.bank, poor, falling(glitch)).play(player, asked)).rejects.toThrow(HouseCannotPay);
    expect(await casino.moves(player.purse)).toEqual([WELCOME]);
    await casino.fund(poor.id, '0.01');
    const spun = await new Spins(casino.bank, poor, falling(glitch, JACKPOT)).play(player, asked);
    expect(spun).toMatchObject({ win: '40.00' });
  });

  it('nor does a house that the bank would let go below zero', async () => {
    const player = await seat('eli');
    const broke = await casino.houseWith('0.50');
    await setAccount(casino.app, broke.id, { systemRole: 'side_house' });
    const played = new Spins(casino.bank, broke, falling(glitch)).play(player, {
      spin: 'one',
      game: glitch,
      bet: '1.00',
    });
    await expect(played).rejects.toThrow(HouseCannotPay);
    expect(await casino.moves(player.purse)).toEqual([WELCOME]);
  });

  it('of spins at once the house takes those whose highest wins it can pay together', async () => {
    const poor = await casino.houseWith('85.00');
    const player = await seat('fay');
    const gate = new Gate();
    const spins = new Spins(actsBehind(gate), poor, falling(glitch, JACKPOT, JACKPOT));
    let refused = 0;
    const played = Array.from({ length: 6 }, (_, nth) =>
      spins.play(player, { spin: `${nth}`, game: glitch, bet: '1.00' }).catch((error: unknown) => {
        if (++refused === 4) gate.open();
        return error;
      }),
    );
    expect((await Promise.all(played)).filter((one) => one instanceof HouseCannotPay)).toHaveLength(4);
    expect(await casino.holds(poor.id)).toBe(8_500n - 2n * 3_900n);
  });

  it('where two processes count on the same money, the bank refuses the bet together with the win', async () => {
    const poor = await casino.houseWith('60.00');
    const [first, second] = [await seat('gus'), await seat('gil')];
    const asked = { spin: 'one', game: glitch, bet: '1.00' };
    const [gate, reached] = [new Gate(), new Gate()];
    const late = new Spins(actsBehind(gate, reached), poor, falling(glitch, JACKPOT)).play(second, asked);
    const refusal = expect(late).rejects.toThrow(HouseCannotPay);
    await reached.passed;
    await new Spins(casino.bank, poor, falling(glitch, JACKPOT)).play(first, asked);
    gate.open();
    await refusal;
    expect(await casino.moves(second.purse)).toEqual([WELCOME]);
    expect(await casino.holds(poor.id)).toBe(2_100n);
  });

  it('free spins have the bet that they were won with, whatever is asked, and a restart loses none', async () => {
    const player = await seat('hal');
    const play = (spin: string, bet: string, ...grids: readonly string[]): ReturnType<Spins['play']> =>
      spinsOf(falling(starlight, ...grids)).play(player, { spin, game: starlight, bet });
    const next = (): ReturnType<typeof nextFreeSpin> => nextFreeSpin(casino.bank, player.freeSpins, 2);
    expect(await play('one', '0.10', SCATTERED)).toMatchObject({ isFree: false, freeSpins: 2, win: '0.00' });
    expect(await next()).toMatchObject({ nth: 1, bet: '0.10', left: 2 });
    // Scatters on a free spin win no others.
    expect(await play('two', '50.00', SCATTERED)).toMatchObject({ isFree: true, bet: '0.10', freeSpins: 0 });
    expect(await play('two', '7.00')).toMatchObject({ isFree: true, bet: '0.10' });
    expect(await next()).toMatchObject({ nth: 2, bet: '0.10', left: 1 });
    expect(await play('three', '50.00', DULL)).toMatchObject({ isFree: true, bet: '0.10' });
    expect(await next()).toBeUndefined();
    expect(await play('four', '5.00', DULL)).toMatchObject({ isFree: false, bet: '5.00' });
    const free = ['free_spin 0.90', 'bet -0.90'];
    expect(await casino.moves(player.purse)).toEqual([WELCOME, 'bet -0.90', ...free, ...free, 'bet -45.00']);
    expect(await casino.moves(player.freeSpins)).toEqual(['award 1.80', 'free_spin -0.90', 'free_spin -0.90']);
  });

  /** Two free spins each at 0.10 and at 0.30: neither spin is done before both have seen that there are none yet. */
  const winAtTwoBets = async (player: Player): Promise<void> => {
    const [gate, cheap, dear] = [new Gate(), new Gate(), new Gate()];
    const play = (bet: string, reached: Gate): ReturnType<Spins['play']> =>
      spinsOf(falling(starlight, SCATTERED), actsBehind(gate, reached)).play(player, {
        spin: bet,
        game: starlight,
        bet,
      });
    const won = [play('0.10', cheap), play('0.30', dear)];
    await Promise.all([cheap.passed, dear.passed]);
    gate.open();
    expect(await Promise.all(won)).toMatchObject([{ freeSpins: 2 }, { freeSpins: 2 }]);
  };

  it('free spins won at several bets are used up once each, by spins at once', async () => {
    const player = await seat('ivy');
    await winAtTwoBets(player);
    expect(await nextFreeSpin(casino.bank, player.freeSpins, 2)).toMatchObject({ left: 4 });
    // Those that are overtaken draw again.
    const dull = Array.from({ length: 5 }, () => DULL);
    const spun = await Promise.all(
      dull.map((_, nth) =>
        spinsOf(falling(starlight, ...dull)).play(player, { spin: `${nth}`, game: starlight, bet: '1.00' }),
      ),
    );
    expect(spun.map(({ bet, isFree }) => (isFree ? `free at ${bet}` : `paid at ${bet}`)).sort()).toEqual([
      'free at 0.10',
      'free at 0.10',
      'free at 0.30',
      'free at 0.30',
      'paid at 1.00',
    ]);
    expect(await casino.holds(player.freeSpins)).toBe(0n);
  });

  it('an award that the bank took back is none, and a free spin that it gave back is told to be played', async () => {
    const player = await seat('jay');
    await winAtTwoBets(player);
    const takeBack = async (kind: string, bet: string): Promise<void> => {
      const those = await allPages(casino.app, `/v1/transfers?accountId=${player.freeSpins}&kind=${kind}`);
      const { id } = those.find(({ metadata }) => metadata.bet === bet);
      await bodyOf(casino.app.post(`/v1/transfers/${id}/reverse`, {}));
    };
    const left = ['0.10', '0.30'];
    const { bet } = (await nextFreeSpin(casino.bank, player.freeSpins, 2))!;
    const later = left.find((one) => one !== bet)!;
    await takeBack('award', later);
    expect(await nextFreeSpin(casino.bank, player.freeSpins, 2)).toMatchObject({ bet, nth: 1, left: 2 });
    const play = (spin: string): ReturnType<Spins['play']> =>
      spinsOf(() => 0).play(player, { spin, game: starlight, bet: '0.05' });
    expect(await play('one')).toMatchObject({ isFree: true, bet });
    await takeBack('free_spin', bet);
    await expect(play('two')).rejects.toThrow(TooManyAtOnce);
  });

  it('fifty players at once, where answers are lost and requests come twice: the books balance', async () => {
    const unsteady = casino.bankBy(unsteadily());
    const [players, spinsEach] = [50, share({ test: 2, prove: 60 })];
    const before = await casino.holds(casino.house.id);
    const { played, faults } = await simulate(new Spins(unsteady, casino.house), {
      players,
      spinsEach,
      bet: '0.05',
      round: 'crowd',
    });
    expect(faults).toEqual([]);
    expect(played.map(({ refused }) => refused)).toEqual([0, 0]);
    expect(played.reduce((sum, { spins }) => sum + spins, 0)).toBe(players * spinsEach);

    const bets = await allPages(casino.app, '/v1/transfers?kind=bet&limit=500');
    expect(bets.filter(({ metadata }) => metadata.spin.startsWith('crowd/'))).toHaveLength(players * spinsEach);
    const isTheirs = ({ owner, name }: Json): boolean =>
      [owner, name].some((one) => /^(Free spins of )?player-/.test(one));
    const gained = (await casino.sum(isTheirs)) - BigInt(players) * 100_000n;
    expect(gained).toBe(before - (await casino.holds(casino.house.id)));
    expect(await casino.sum(() => true)).toBe(0n);
    const { data: trial } = await bodyOf(casino.app.get('/v1/trial-balance'));
    expect(trial).toMatchObject([{ currency: 'USD', sum: '0.00', isBalanced: true }]);
  });
});

/** Of some requests the answer is lost, once; some come twice, at the same time. */
function unsteadily(): (request: Request) => Promise<Response> {
  const lost = new Set<string>();
  let sent = 0;
  return async (request) => {
    sent += 1;
    const isTwice = sent % 11 === 0;
    const name = `${request.method} ${request.url} ${await request.clone().text()}`;
    const isLost = sent % 7 === 0 && !lost.has(name);
    if (isLost) lost.add(name);
    const [answer] = await Promise.all([fetch(request.clone()), ...(isTwice ? [fetch(request)] : [])]);
    if (isLost) throw new Error('the answer is lost');
    return answer;
  };
}
