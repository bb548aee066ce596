// Holds a feed's answers to one kind of question until it is let go.
import { type FakeFeed, type Question } from './fake-feed.js';

export class Hold {
  private let!: () => void;
  private came!: () => void;
  private readonly free = new Promise<void>((resolve) => (this.let = resolve));
  /** When the question has been asked. */
  readonly asked = new Promise<void>((resolve) => (this.came = resolve));

  constructor(feed: FakeFeed, holds: (question: Question) => boolean) {
    feed.before = async (question) => {
      if (!holds(question)) return;
      this.came();
      await this.free;
    };
  }

  letGo(): void {
    this.let();
  }
}
