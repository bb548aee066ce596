// What a store holds, in a form that both engines' catalogues are brought to: named parts with facts, compared and written down alike.

/** A fact is short and normalised by the engine: `type` → `text`, `columns` → `owner, name desc`. */
export type Facts = Readonly<Record<string, string>>;

export type PartKind =
  | 'column'
  | 'primary key'
  | 'unique constraint'
  | 'index'
  | 'check'
  | 'foreign key'
  | 'trigger'
  | 'rule'
  | 'policy'
  | 'constraint';

export interface Part {
  readonly kind: PartKind;
  readonly name: string;
  readonly facts: Facts;
}

export interface CatalogueTable {
  readonly name: string;
  /** Of the table itself: `strict`, `persistence` … */
  readonly facts: Facts;
  readonly parts: readonly Part[];
}

/** Views, sequences and whatever else stands beside tables. */
export interface OtherRelation {
  readonly kind: string;
  readonly name: string;
}

export interface Catalogue {
  readonly tables: readonly CatalogueTable[];
  readonly others: readonly OtherRelation[];
}

const KINDS: readonly PartKind[] = [
  'column',
  'primary key',
  'unique constraint',
  'index',
  'check',
  'foreign key',
  'constraint',
  'trigger',
  'rule',
  'policy',
];

/** Sorted by name: the order of columns means nothing to the door, which names them. */
export function sorted(catalogue: Catalogue): Catalogue {
  const byName = (a: { name: string }, b: { name: string }) => compare(a.name, b.name);
  const tables = catalogue.tables.map((table) => ({
    ...table,
    parts: [...table.parts].sort((a, b) => KINDS.indexOf(a.kind) - KINDS.indexOf(b.kind) || byName(a, b)),
  }));
  return {
    tables: tables.sort(byName),
    others: [...catalogue.others].sort((a, b) => compare(a.kind, b.kind) || byName(a, b)),
  };
}

/** One line a part, always in the same order: the golden files. */
export function renderCatalogue(catalogue: Catalogue): string {
  const { tables, others } = sorted(catalogue);
  const blocks = tables.map(({ name, facts, parts }) => {
    const lines = parts.map((part) => `  ${part.kind} ${part.name}${factsText(part.facts)}\n`);
    return `table ${name}${factsText(facts)}\n${lines.join('')}`;
  });
  return [...blocks, ...others.map(({ kind, name }) => `${kind} ${name}\n`)].join('\n');
}

function factsText(facts: Facts): string {
  const texts = Object.entries(facts).map(([fact, value]) => `${fact} ${value}`);
  return texts.length === 0 ? '' : `: ${texts.join('; ')}`;
}

/** By code point, whatever the machine's language. */
function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
