// Teller's shapes as they come over the wire (its API version 2020-10-12), and the reading of them: what is needed must be there and of its type;
// fields and words that are new are let be, since they stay in the raw text.
import { ValueInvalid } from '../../common/domain-error.js';
import { decodedUtf8, type JsonElement, jsonElement, jsonElements } from '../../common/json-elements.js';
import { FeedAnswerInvalid } from '../port/feeds.errors.js';

export interface TellerInstitution {
  readonly id: string;
  readonly name: string;
}

/** Where a field is missing there is an empty text: one account's fault must not hide the others, so it is refused where each is looked at. */
export interface TellerAccount {
  readonly id: string;
  readonly name: string;
  /** `depository`, `credit` */
  readonly type: string;
  readonly subtype: string;
  readonly currency: string;
  readonly last_four: string | null;
  /** `open`, `closed` */
  readonly status: string;
  readonly institution: TellerInstitution;
}

export interface TellerBalance {
  readonly account_id: string;
  readonly ledger: string | null;
  readonly available: string | null;
}

export interface TellerTransaction {
  readonly id: string;
  readonly account_id: string;
  /** `YYYY-MM-DD` */
  readonly date: string;
  /** A decimal. Depository: money out < 0. Credit: a charge > 0. */
  readonly amount: string;
  readonly description: string;
  /** `posted`, `pending` */
  readonly status: string;
  readonly type: string | null;
  /** On posted transactions, where the bank states it. */
  readonly running_balance: string | null;
  readonly category: string | null;
  readonly counterparty: string | null;
}

/** The elements of an answer that must be a list. @throws FeedAnswerInvalid */
export function readElements(body: Uint8Array): JsonElement[] {
  return sensible(() => jsonElements(decodedUtf8(body)));
}

/** @throws FeedAnswerInvalid */
export function readElement(body: Uint8Array): JsonElement {
  return sensible(() => jsonElement(decodedUtf8(body)));
}

/** @throws FeedAnswerInvalid */
export function readInstitution(element: JsonElement): TellerInstitution {
  const fields = new Fields('an institution', element.value);
  return { id: fields.text('id'), name: fields.text('name') };
}

/** @throws FeedAnswerInvalid */
export function readAccount(element: JsonElement): TellerAccount {
  const fields = new Fields('an account', element.value);
  const institution = fields.within('institution');
  return {
    id: fields.text('id'),
    name: fields.textIfAny('name') ?? '',
    type: fields.textIfAny('type') ?? '',
    subtype: fields.textIfAny('subtype') ?? '',
    currency: fields.textIfAny('currency') ?? '',
    last_four: fields.textIfAny('last_four'),
    status: fields.textIfAny('status') ?? '',
    institution: { id: institution.textIfAny('id') ?? '', name: institution.textIfAny('name') ?? '' },
  };
}

/** @throws FeedAnswerInvalid */
export function readBalance(element: JsonElement): TellerBalance {
  const fields = new Fields('a balance', element.value);
  return {
    account_id: fields.text('account_id'),
    ledger: fields.textOrNull('ledger'),
    available: fields.textOrNull('available'),
  };
}

/** @throws FeedAnswerInvalid */
export function readTransaction(element: JsonElement): TellerTransaction {
  const unnamed = new Fields('a transaction', element.value);
  const id = unnamed.text('id');
  const fields = new Fields(`the transaction ${shown(id)}`, element.value);
  const details = fields.within('details');
  return {
    id,
    account_id: fields.text('account_id'),
    date: fields.text('date'),
    amount: fields.text('amount'),
    description: fields.textOrNull('description') ?? '',
    status: fields.text('status'),
    type: fields.textIfAny('type'),
    running_balance: fields.textOrNull('running_balance'),
    category: details.textIfAny('category'),
    counterparty: details.within('counterparty').textIfAny('name'),
  };
}

/** The code in the body of a refusal; empty where there is none that could be one. */
export function readErrorCode(body: Uint8Array): string {
  try {
    const code = new Fields('a refusal', readElement(body).value).within('error').textIfAny('code') ?? '';
    return /^[\w.]{1,100}$/.test(code) ? code : '';
  } catch (error) {
    if (error instanceof FeedAnswerInvalid) return '';
    throw error;
  }
}

function sensible<Answer>(read: () => Answer): Answer {
  try {
    return read();
  } catch (error) {
    if (error instanceof ValueInvalid)
      throw new FeedAnswerInvalid(`Teller's answer ${error.message}.`, { cause: error });
    throw error;
  }
}

/** Any text as one that may stand in a sentence. */
export function shown(text: string): string {
  return JSON.stringify(text.slice(0, SHOWN_MAX));
}

const SHOWN_MAX = 80;

/** The fields of one object, each asked for by name. */
class Fields {
  private readonly fields: object;

  /** @param what it is, for the sentence that says what is wrong with it. */
  constructor(
    private readonly what: string,
    value: unknown,
  ) {
    if (!isObject(value)) throw new FeedAnswerInvalid(`Teller sent ${what} that is no object.`);
    this.fields = value;
  }

  text(name: string): string {
    const value = this.written(name);
    if (typeof value !== 'string' || value === '') throw this.invalid(name, 'a text');
    return value;
  }

  /** For what may be left out, and must be a text where it is not: an amount that came as a number was a fraction somewhere. */
  textOrNull(name: string): string | null {
    const value = this.written(name) ?? null;
    if (value !== null && typeof value !== 'string') throw this.invalid(name, 'a text or null');
    return value;
  }

  /** For what is good to have: anything else than a text is as good as nothing. */
  textIfAny(name: string): string | null {
    const value = this.written(name);
    return typeof value === 'string' && value !== '' ? value : null;
  }

  /** An object that may be missing. */
  within(name: string): Fields {
    const value = this.written(name);
    return new Fields(this.what, isObject(value) ? value : {});
  }

  /** Only what is written there: no field comes from an object's prototype. */
  private written(name: string): unknown {
    return Object.hasOwn(this.fields, name) ? (this.fields as Readonly<Record<string, unknown>>)[name] : undefined;
  }

  private invalid(name: string, type: string): FeedAnswerInvalid {
    const state = Object.hasOwn(this.fields, name) ? 'is not' : 'is missing and must be';
    return new FeedAnswerInvalid(`Teller sent ${this.what} whose ${name} ${state} ${type}.`);
  }
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
