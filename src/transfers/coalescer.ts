// What comes while the last batch is under way goes together in the next one. No timers: whoever comes alone waits for nothing.

export class Coalescer<Item> {
  private readonly waiting: Item[] = [];
  private isBusy = false;

  /**
   * @param run settles every item by itself and never fails. One batch at a time: two at once would wait for each other's locks
   * @param weightOf how much of a batch an item fills; a heavier one than all goes alone
   */
  constructor(
    private readonly run: (batch: readonly Item[]) => Promise<void>,
    private readonly weightOf: (item: Item) => number,
    private readonly weightMax: number,
  ) {}

  add(item: Item): void {
    this.waiting.push(item);
    if (!this.isBusy) void this.work();
  }

  private async work(): Promise<void> {
    this.isBusy = true;
    while (this.waiting.length > 0) await this.run(this.waiting.splice(0, this.countOfNext()));
    this.isBusy = false;
  }

  private countOfNext(): number {
    let weight = 0;
    const tooMany = this.waiting.findIndex((item) => (weight += this.weightOf(item)) > this.weightMax);
    return tooMany === -1 ? this.waiting.length : Math.max(1, tooMany);
  }
}
