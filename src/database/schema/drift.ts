// Where a live catalogue is not what the entities demand.
import { type Catalogue, type CatalogueTable, type Facts, type Part, sorted } from './catalogue.js';

/** One difference, as a line: `accounts.name (column): nullable is yes, demanded is no`. */
export interface Difference {
  readonly table: string;
  /** `table`, the kind of the part, or the kind of a relation that stands beside the tables. */
  readonly kind: string;
  readonly name: string;
  readonly difference: 'missing' | 'extra' | 'other';
  /** Of `other`: which fact, and what it is and should be. A fact that is not there is `none`. */
  readonly fact?: string;
  readonly is?: string;
  readonly demanded?: string;
}

export function driftOf(demanded: Catalogue, live: Catalogue): Difference[] {
  const [wanted, there] = [sorted(demanded), sorted(live)];
  const differences = wanted.tables.flatMap((table) => {
    const found = there.tables.find(({ name }) => name === table.name);
    return found === undefined ? [differing(table.name, 'table', table.name, 'missing')] : tableDrift(table, found);
  });
  const extra = there.tables.filter(({ name }) => !wanted.tables.some((table) => table.name === name));
  const others = there.others.map(({ kind, name }) => differing(name, kind, name, 'extra'));
  return [...differences, ...extra.map(({ name }) => differing(name, 'table', name, 'extra')), ...others];
}

export function differenceLine({ table, kind, name, difference, fact, is, demanded }: Difference): string {
  const what = table === name ? `${kind} ${name}` : `${kind} ${name} of table ${table}`;
  return difference === 'other' ? `${what}: ${fact} is ${is}, demanded is ${demanded}` : `${what}: ${difference}`;
}

function tableDrift(wanted: CatalogueTable, found: CatalogueTable): Difference[] {
  const twin = (parts: readonly Part[], { kind, name }: Part) =>
    parts.find((part) => part.kind === kind && part.name === name);
  return [
    ...factsDrift(wanted.name, { kind: 'table', name: wanted.name, facts: wanted.facts }, found.facts),
    ...wanted.parts.flatMap((part) => {
      const live = twin(found.parts, part);
      return live === undefined
        ? [differing(wanted.name, part.kind, part.name, 'missing')]
        : factsDrift(wanted.name, part, live.facts);
    }),
    ...found.parts
      .filter((part) => twin(wanted.parts, part) === undefined)
      .map((part) => differing(wanted.name, part.kind, part.name, 'extra')),
  ];
}

function factsDrift(table: string, wanted: { kind: string; name: string; facts: Facts }, live: Facts): Difference[] {
  const facts = [...new Set([...Object.keys(wanted.facts), ...Object.keys(live)])];
  return facts
    .filter((fact) => wanted.facts[fact] !== live[fact])
    .map((fact) => ({
      ...differing(table, wanted.kind, wanted.name, 'other'),
      fact,
      is: live[fact] ?? 'none',
      demanded: wanted.facts[fact] ?? 'none',
    }));
}

function differing(table: string, kind: string, name: string, difference: Difference['difference']): Difference {
  return { table, kind, name, difference };
}
