// Every refusal there is, stage by stage, in the order in which a request meets them. Within a stage they stand in that order, too.
import { ACCOUNT_REFUSALS } from './accounts/accounts.errors.js';
import { AUTH_REFUSALS, KEY_REFUSALS } from './auth/auth.errors.js';
import { BALANCE_REFUSALS } from './balances/balances.errors.js';
import { CHANGE_REFUSALS } from './changes/changes.errors.js';
import { DATABASE_REFUSALS } from './database/database.errors.js';
import { FEED_REFUSALS } from './feeds/port/feeds.errors.js';
import { WEBHOOK_REFUSALS } from './feeds/webhooks/webhooks.errors.js';
import {
  BODY_REFUSALS,
  BodyUnreadable,
  CONNECTION_REFUSALS,
  CursorInvalid,
  IdempotencyKeyInvalid,
  IfMatchInvalid,
  InternalFault,
  MethodNotAllowed,
  NotAcceptable,
  RequestInvalid,
  RouteUnknown,
  VersionStale,
} from './http/http.errors.js';
import { LIMIT_REFUSALS } from './http/limits/limits.errors.js';
import { type DescribedRoute, isDoneOnce, type Stage } from './http/stage.js';
import { TRANSACTION_REFUSALS } from './transactions/transactions.errors.js';
import { TRANSFER_REFUSALS } from './transfers/transfers.errors.js';

const everyRoute = (): boolean => true;
/** What it refuses is no operation, and so has no description. */
const noRoute = (): boolean => false;
const isGuarded = ({ isGuarded: asks }: DescribedRoute): boolean => asks;
/** Whoever has no key is limited all the same; only probes are not. */
const isLimited = ({ isGuarded: asks, isSigned }: DescribedRoute): boolean => asks || isSigned;
const isOfApi = ({ path }: DescribedRoute): boolean => path.startsWith('/v1/');
const mayHaveBody = (route: DescribedRoute): boolean => isOfApi(route) && route.method !== 'GET';
/** A signed body is read once its sender is known: such a route lists that at its place. */
const readsAtOnce = (route: DescribedRoute): boolean => isOfApi(route) && !route.isSigned;

export const STAGES: readonly Stage[] = [
  { name: 'The connection', refusals: CONNECTION_REFUSALS, isPassedBy: everyRoute },
  { name: 'The method', refusals: [MethodNotAllowed], isPassedBy: noRoute },
  { name: 'What the client takes', refusals: [NotAcceptable], isPassedBy: isOfApi },
  { name: 'Limits', refusals: LIMIT_REFUSALS, isPassedBy: isLimited },
  { name: 'The route', refusals: [RouteUnknown], isPassedBy: noRoute },
  { name: 'The key', refusals: KEY_REFUSALS, isPassedBy: isGuarded },
  { name: 'The Idempotency-Key', refusals: [IdempotencyKeyInvalid], isPassedBy: isDoneOnce },
  { name: 'The body', refusals: BODY_REFUSALS, isPassedBy: mayHaveBody },
  {
    name: 'The JSON',
    refusals: [BodyUnreadable],
    isPassedBy: (route) => mayHaveBody(route) && readsAtOnce(route),
  },
  { name: 'The If-Match', refusals: [IfMatchInvalid], isPassedBy: ({ facts }) => facts.takesIfMatch },
  { name: 'The form', refusals: [RequestInvalid], isPassedBy: readsAtOnce },
  { name: 'Repetition', refusals: CHANGE_REFUSALS, isPassedBy: isDoneOnce },
  { name: 'Owners and keys', refusals: AUTH_REFUSALS },
  { name: 'Lists', refusals: [CursorInvalid] },
  { name: 'Versions', refusals: [VersionStale] },
  { name: 'Accounts', refusals: ACCOUNT_REFUSALS },
  { name: 'Balances', refusals: BALANCE_REFUSALS },
  { name: 'Transactions', refusals: TRANSACTION_REFUSALS },
  { name: 'Transfers', refusals: TRANSFER_REFUSALS },
  { name: 'Feeds', refusals: FEED_REFUSALS },
  { name: 'Webhooks', refusals: WEBHOOK_REFUSALS },
  { name: 'The store', refusals: DATABASE_REFUSALS, isPassedBy: isGuarded },
  { name: 'The service itself', refusals: [InternalFault], isPassedBy: everyRoute },
];
