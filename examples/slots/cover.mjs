// What the house could have to pay for the spins under way: no bet is taken that it could not pay the highest win of.
import { HouseCannotPay } from './refusals.mjs';

export class Cover {
  /** The highest wins of all spins under way, in minor units. */
  #exposed = 0n;
  #available;

  /** @param {() => Promise<bigint>} available what the house holds */
  constructor(available) {
    this.#available = available;
  }

  /**
   * Plays a spin that can win so much, where the house holds that beside what the spins before it can win. They count in full although some may
   * have been paid when the house was looked at: it is refused rather once too often.
   * @template Outcome
   * @param {bigint} most
   * @param {() => Promise<Outcome>} play
   * @returns {Promise<Outcome>}
   */
  async during(most, play) {
    this.#exposed += most;
    try {
      // Those that come while the bank is asked count this one.
      const exposed = this.#exposed;
      if ((await this.#available()) < exposed) throw new HouseCannotPay();
      return await play();
    } finally {
      this.#exposed -= most;
    }
  }
}
