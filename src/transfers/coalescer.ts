// What comes while the last batch is under way goes together in the next one. No timers: whoever comes alone waits for nothing.
import { setImmediate as nextTurn } from 'node:timers/promises';

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
    while (this.waiting.length > 0) {
      await this.run(this.waiting.splice(0, this.countOfNext()));
      await this.letIn();
    }
    this.isBusy = false;
  }

  /** A store that works in this thread leaves what came meanwhile in the sockets: as long as each turn of the loop brings more, it is let in. */
  private async letIn(): Promise<void> {
    for (let before = -1; before < this.waiting.length && this.waiting.length < this.weightMax;) {
      before = this.waiting.length;
      await nextTurn();
    }
  }

  private countOfNext(): number {
    let weight = 0;
    const tooMany = this.waiting.findIndex((item) => (weight += this.weightOf(item)) > this.weightMax);
    return tooMany === -1 ? this.waiting.length : Math.max(1, tooMany);
  }
}
