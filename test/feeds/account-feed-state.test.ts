// Which accounts are worth a question, and what an answer or a refusal makes of them: the rules as tables.
import { describe, expect, it } from 'vitest';
import { parseInstant } from '../../src/common/clock.js';
import {
  isWorthAsking,
  stateOfAccountAfter,
  stateOfAccountListed,
} from '../../src/feeds/enrollments/account-feed-state.js';
import {
  FeedAccountClosed,
  FeedAccountUnknown,
  FeedAnswerInvalid,
  FeedRateLimited,
  FeedUnavailable,
  FeedUnsteady,
} from '../../src/feeds/port/feeds.errors.js';
import { later } from '../../src/feeds/turns/sync-due.js';

const NOW = parseInstant('2026-11-21T12:00:00Z');
const HOUR_MS = 3_600_000;
const BEFORE = later(NOW, -HOUR_MS);

const FOLLOWING = { status: 'open', closedAt: null, feedStatus: null, feedStatusReason: null } as const;
const CLOSED = { status: 'closed', closedAt: BEFORE, feedStatus: 'closed', feedStatusReason: 'inactive' } as const;
const UNKNOWN = { ...FOLLOWING, feedStatus: 'unknown' } as const;
const UNREADABLE = { ...FOLLOWING, feedStatus: 'unreadable' } as const;

describe('worth a question', () => {
  const refused = (hoursAgo: number, lastErrorCode: string) => ({
    lastErrorCode,
    lastErrorAt: later(NOW, -hoursAgo * HOUR_MS),
  });
  const [closedAt, unknownAt] = [
    (hoursAgo: number) => refused(hoursAgo, 'feed_account_closed'),
    (hoursAgo: number) => refused(hoursAgo, 'feed_account_unknown'),
  ];

  it.each([
    ['one that is followed', FOLLOWING, 'open', undefined, true],
    ['one that is not listed any more', FOLLOWING, undefined, undefined, true],
    ['one that cannot be taken as it is listed', FOLLOWING, 'odd', undefined, true],
    ['one that could not be read', UNREADABLE, 'open', refused(1, 'feed_answer_invalid'), true],
    ['a closed one that is listed so', CLOSED, 'closed', undefined, false],
    ['a closed one that is not listed', CLOSED, undefined, undefined, false],
    ['a closed one that cannot be taken as it is listed', CLOSED, 'odd', undefined, false],
    ['one that is listed as open again', CLOSED, 'open', undefined, true],
    ['one that is listed as open and was refused as closed today', CLOSED, 'open', closedAt(23), false],
    ['one that is listed as open and was refused as closed a day ago', CLOSED, 'open', closedAt(24), true],
    ['one that is listed as open and was refused by a clock that is set back', CLOSED, 'open', closedAt(-1), true],
    ['one that is listed as open and whose bank was away', CLOSED, 'open', refused(1, 'feed_unavailable'), true],
    ['an unknown one that is listed again', UNKNOWN, 'open', unknownAt(1), true],
    ['an unknown one that is not listed', UNKNOWN, undefined, unknownAt(23), false],
    ['an unknown one, a day later', UNKNOWN, undefined, unknownAt(24), true],
  ] as const)('is %s?', (_, account, listed, position, isWorth) => {
    expect(isWorthAsking(account, listed, position, NOW)).toBe(isWorth);
  });
});

describe('an account after', () => {
  it.each([
    ['an answer', undefined, CLOSED, FOLLOWING],
    ['"closed"', new FeedAccountClosed('', 'in\0active'), FOLLOWING, { ...CLOSED, closedAt: NOW }],
    ['"closed" again', new FeedAccountClosed('', 'dormant'), CLOSED, { ...CLOSED, feedStatusReason: 'dormant' }],
    ['"unknown"', new FeedAccountUnknown(''), FOLLOWING, { feedStatus: 'unknown', feedStatusReason: null }],
    ['"unknown" where it was closed', new FeedAccountUnknown(''), CLOSED, undefined],
    ['nonsense', new FeedAnswerInvalid(''), UNKNOWN, { feedStatus: 'unreadable', feedStatusReason: null }],
    ['nonsense where it was closed', new FeedAnswerInvalid(''), CLOSED, undefined],
    ['a limit', new FeedRateLimited('', 5), FOLLOWING, undefined],
    ['an outage', new FeedUnavailable(''), UNKNOWN, undefined],
    ['pages that do not stand still', new FeedUnsteady(''), FOLLOWING, undefined],
  ] as const)('%s', (_, refusal, account, state) => {
    expect(stateOfAccountAfter(refusal, account, NOW)).toEqual(state);
  });
});

describe('an account listed', () => {
  it.each([
    ['as closed', 'closed', FOLLOWING, false, { ...CLOSED, closedAt: NOW, feedStatusReason: null }],
    ['as closed, which it was', 'closed', CLOSED, false, CLOSED],
    ['as open, which it was not, stays until it gives something', 'open', CLOSED, false, {}],
    ['as open by a new consent', 'open', CLOSED, true, FOLLOWING],
  ] as const)('%s', (_, listed, account, isNewConsent, state) => {
    expect(stateOfAccountListed(listed, account, isNewConsent, NOW)).toEqual(state);
  });
});
