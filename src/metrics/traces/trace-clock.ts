// The clock of one trace: its moments lie as far apart as they did, whatever is done to the machine's clock meanwhile.
export class TraceClock {
  private readonly offset = Date.now() - performance.now();

  /** In milliseconds since 1970, with parts. */
  now(): number {
    return this.offset + performance.now();
  }
}
