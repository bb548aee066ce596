// The feeds that are configured here, by name.
import { type Feed } from './feed.port.js';
import { FeedUnknown } from './feeds.errors.js';

export class FeedRegistry {
  private readonly byName: ReadonlyMap<string, Feed>;

  constructor(feeds: readonly Feed[]) {
    this.byName = new Map(feeds.map((feed) => [feed.name, feed]));
  }

  /** @throws FeedUnknown */
  named(name: string): Feed {
    const feed = this.byName.get(name);
    if (feed === undefined)
      throw new FeedUnknown(`There is no feed ${name}; configured are: ${[...this.byName.keys()].join(', ')}.`);
    return feed;
  }

  all(): Feed[] {
    return [...this.byName.values()];
  }
}
