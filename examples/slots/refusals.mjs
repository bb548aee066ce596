// What a player is told instead of an outcome. Whatever the reason, nothing has been taken.

export class SpinRefused extends Error {}

export class AmountInvalid extends SpinRefused {
  /** @param {string} text @param {number} decimals */
  constructor(text, decimals) {
    super(`"${text}" is no amount with at most ${decimals} decimals.`);
  }
}

export class BetNotPositive extends SpinRefused {
  constructor() {
    super('A bet is more than nothing.');
  }
}

export class PlayerCannotPay extends SpinRefused {
  constructor() {
    super('There is not enough money for this bet.');
  }
}

/** Said before anything is drawn, so that what falls has no say in whether it counts. */
export class HouseCannotPay extends SpinRefused {
  constructor() {
    super('The house cannot cover the highest win of this bet at the moment.');
  }
}

export class SpinIsAnother extends SpinRefused {
  /** @param {string} spin */
  constructor(spin) {
    super(`The spin ${spin} has been played already, in another game or at another bet.`);
  }
}

export class TooManyAtOnce extends SpinRefused {
  constructor() {
    super('Other spins of this player were faster every time: ask again.');
  }
}

export class NoHouse extends SpinRefused {
  /** @param {string} role @param {string} currency */
  constructor(role, currency) {
    super(`The bank has no ${role} in ${currency}: README.md tells how it is made.`);
  }
}

/** Somebody who knew how it is made was faster. */
export class NumberIsAnothers extends SpinRefused {
  /** @param {string} accountNumber */
  constructor(accountNumber) {
    super(`The account ${accountNumber} is somebody else's.`);
  }
}
