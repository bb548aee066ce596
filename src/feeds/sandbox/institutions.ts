// The banks of the sandbox: what each offers, and how each misbehaves.
import { type Market, MARKETS } from './markets.js';

export type SandboxAccountKind = 'checking' | 'savings' | 'credit_card';

export interface SandboxAccountOffer {
  readonly kind: SandboxAccountKind;
  readonly name: string;
  /** Listed as closed; the bank gives neither lines nor a balance for it. */
  readonly closed?: boolean;
}

export interface SandboxInstitution {
  readonly id: string;
  readonly name: string;
  readonly market: Market;
  /** At most one open account of each kind. */
  readonly accounts: readonly SandboxAccountOffer[];
  /** The person must sign in again so many days after an enrollment was made. */
  readonly needsLoginAfterDays?: number;
  /** Every n-th question about one enrollment at one instant is refused for being too many. */
  readonly refusesEvery?: number;
}

export const SANDBOX_INSTITUTIONS: readonly SandboxInstitution[] = [
  {
    id: 'harbor_bank',
    name: 'Harbor Bank',
    market: MARKETS.UNITED_STATES,
    accounts: [
      { kind: 'checking', name: 'Everyday Checking' },
      { kind: 'savings', name: 'Rainy Day Savings' },
      { kind: 'credit_card', name: 'Harbor Rewards Card' },
    ],
  },
  {
    id: 'banque_lumiere',
    name: 'Banque Lumière',
    market: MARKETS.FRANCE,
    accounts: [
      { kind: 'checking', name: 'Compte courant' },
      { kind: 'savings', name: 'Livret d’épargne' },
    ],
  },
  {
    id: 'sakura_bank',
    name: 'さくら銀行',
    market: MARKETS.JAPAN,
    accounts: [
      { kind: 'checking', name: '普通預金' },
      { kind: 'credit_card', name: 'さくらカード' },
    ],
  },
  {
    id: 'pearl_trust',
    name: 'Pearl Trust',
    market: MARKETS.KUWAIT,
    accounts: [{ kind: 'checking', name: 'Current Account' }],
  },
  {
    id: 'tidewater',
    name: 'Tidewater Building Society',
    market: MARKETS.UNITED_KINGDOM,
    accounts: [
      { kind: 'checking', name: 'Current Account' },
      { kind: 'credit_card', name: 'Tidewater Card' },
      { kind: 'savings', name: 'Old Bonus Saver', closed: true },
    ],
    refusesEvery: 5,
  },
  {
    id: 'old_mill',
    name: 'Old Mill Savings Bank',
    market: MARKETS.UNITED_STATES,
    accounts: [
      { kind: 'checking', name: 'Mill Checking' },
      { kind: 'savings', name: 'Mill Savings' },
    ],
    needsLoginAfterDays: 5,
  },
];
