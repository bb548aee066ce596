// How a migration is written down. Describing runs nothing: the words record steps, from which both engines' SQL, the plan and the checksum come.
import { RowWords } from './row-words.js';
import { SchemaWords } from './schema-words.js';
import { type RowStep, type SchemaStep } from './step.js';

/** In the place of a way back where there is none, and why. */
export interface Irreversible {
  readonly irreversible: string;
}

interface SchemaDescription {
  /** Four digits and what it does: `0007_accounts_nickname`. Their order is the order of the list. */
  readonly id: string;
  readonly kind: 'schema';
  /**
   * All steps and the note that they are done in one transaction; the rule. `false` is for what PostgreSQL does outside of transactions only
   * (an index built while the table is written to): the words then give statements that may be run again after a crash.
   */
  readonly transactional?: boolean;
  readonly up: (schema: SchemaWords) => void;
  readonly down: ((schema: SchemaWords) => void) | Irreversible;
}

interface DataDescription {
  readonly id: string;
  readonly kind: 'data';
  readonly up: (rows: RowWords) => void;
  readonly down: ((rows: RowWords) => void) | Irreversible;
}

interface Described<Kind extends 'schema' | 'data', Step> {
  readonly id: string;
  /** The number that the id begins with. */
  readonly number: number;
  readonly kind: Kind;
  readonly transactional: boolean;
  readonly up: readonly Step[];
  readonly down: readonly Step[] | Irreversible;
}

export type SchemaMigration = Described<'schema', SchemaStep>;
export type DataMigration = Described<'data', RowStep>;
export type Migration = SchemaMigration | DataMigration;

const ID = /^(\d{4})_[a-z][a-z0-9]*(?:_[a-z0-9]+)*$/;

/**
 * One change of the schema, or of rows; never both in one file, since they fail, are repeated and are taken back differently.
 *
 * @throws Error for a description that cannot work, when the file is loaded
 */
export function migration(description: SchemaDescription | DataDescription): Migration {
  const { id } = description;
  const number = Number(ID.exec(id)?.[1] ?? Number.NaN);
  if (!(number >= 1))
    throw new Error(
      `"${id}" is no id of a migration: it takes four digits from 0001 and words, as 0007_accounts_nickname`,
    );
  try {
    return description.kind === 'schema' ? schemaMigration(description, number) : dataMigration(description, number);
  } catch (error) {
    throw new Error(`${id}: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  }
}

function schemaMigration(description: SchemaDescription, number: number): SchemaMigration {
  const { id, kind, transactional = true, up, down } = description;
  const described = (describe: (schema: SchemaWords) => void): readonly SchemaStep[] => {
    const words = new SchemaWords(transactional);
    describe(words);
    return words.steps;
  };
  return {
    id,
    number,
    kind,
    transactional,
    up: described(up),
    down: typeof down === 'function' ? described(down) : down,
  };
}

function dataMigration(description: DataDescription, number: number): DataMigration {
  const { id, kind, up, down } = description;
  const described = (describe: (rows: RowWords) => void): readonly RowStep[] => {
    const words = new RowWords();
    describe(words);
    return words.steps;
  };
  return {
    id,
    number,
    kind,
    transactional: false,
    up: described(up),
    down: typeof down === 'function' ? described(down) : down,
  };
}

export function isIrreversible(down: Migration['down']): down is Irreversible {
  return 'irreversible' in down;
}

/**
 * The list in which migrations are applied.
 *
 * @throws Error when ids are not in ascending order or a number is taken twice
 */
export function assertInOrder(migrations: readonly Migration[]): void {
  migrations.forEach((later, index) => {
    const earlier = migrations[index - 1];
    if (earlier !== undefined && earlier.number >= later.number) {
      throw new Error(`migrations/index.ts lists ${later.id} after ${earlier.id}: numbers go up, each taken once`);
    }
  });
}
