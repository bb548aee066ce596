// The feeds that are configured here, by name, each asked through its check.
import { type OnApplicationShutdown } from '@nestjs/common';
import { type Currencies } from '../../common/currency.js';
import { CheckedFeed } from './checked-feed.js';
import { type Feed } from './feed.port.js';
import { type FeedTally } from './feed-tally.js';
import { FeedUnknown } from './feeds.errors.js';

export class FeedRegistry implements OnApplicationShutdown {
  private readonly byName: ReadonlyMap<string, CheckedFeed>;

  constructor(feeds: readonly Feed[], currencies: Currencies, tally: FeedTally) {
    this.byName = new Map(feeds.map((feed) => [feed.name, new CheckedFeed(feed, currencies, tally)]));
  }

  /** @throws FeedUnknown */
  named(name: string): CheckedFeed {
    const feed = this.byName.get(name);
    if (feed === undefined)
      throw new FeedUnknown(`There is no feed ${name}; configured are: ${[...this.byName.keys()].join(', ')}.`);
    return feed;
  }

  all(): CheckedFeed[] {
    return [...this.byName.values()];
  }

  async onApplicationShutdown(): Promise<void> {
    await Promise.all(this.all().map((feed) => feed.close()));
  }
}
