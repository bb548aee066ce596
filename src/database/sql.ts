// SQL as a value: text with holes, and what fills them. Fragments nest; nothing that came from outside is ever part of the text.
import { type Dialect } from './schema/table.js';
import { definitionOf, type EntityClass } from './schema/entity.js';

export type SqlValue = string | number | bigint | boolean | null | readonly string[];

export class Sql {
  /** `pieces` has one more element than `values`. */
  constructor(
    readonly pieces: readonly string[],
    readonly values: readonly SqlValue[],
    /** Whether the text says whose rows it means; the reader refuses it otherwise. */
    readonly bindsOwner: boolean,
  ) {}

  /** The text with the engine's placeholders: `$1` or `?`. */
  text(dialect: Dialect): string {
    let text = this.pieces[0] ?? '';
    for (let index = 1; index < this.pieces.length; index++) {
      text += (dialect === 'postgres' ? `$${index}` : '?') + (this.pieces[index] ?? '');
    }
    return text;
  }
}

/** sql`SELECT … WHERE date >= ${from}`: values become parameters, fragments are spliced in. */
export function sql(strings: TemplateStringsArray, ...holes: readonly (Sql | SqlValue)[]): Sql {
  const pieces: string[] = [strings[0] ?? ''];
  const values: SqlValue[] = [];
  let bindsOwner = false;
  holes.forEach((hole, index) => {
    const after = strings[index + 1] ?? '';
    if (hole instanceof Sql) {
      pieces[pieces.length - 1] += hole.pieces[0] ?? '';
      pieces.push(...hole.pieces.slice(1));
      values.push(...hole.values);
      pieces[pieces.length - 1] += after;
      bindsOwner ||= hole.bindsOwner;
    } else {
      values.push(hole);
      pieces.push(after);
    }
  });
  return new Sql(pieces, values, bindsOwner);
}

/** Text of the program itself (a column, a keyword): never anything that came from outside. */
export function sqlText(text: string): Sql {
  return new Sql([text], [], false);
}

export function joinSql(parts: readonly Sql[], separator: string): Sql {
  return parts.reduce(
    (joined, part, index) => (index === 0 ? part : sql`${joined}${sqlText(separator)}${part}`),
    sqlText(''),
  );
}

/** All conditions at once; no condition at all is true. */
export function allOf(conditions: readonly Sql[]): Sql {
  return conditions.length === 0 ? sqlText('TRUE') : joinSql(conditions, ' AND ');
}

/** Says that a query is about no owner's rows, and why. */
export function ownerless(_why: string): Sql {
  return new Sql(['TRUE'], [], true);
}

/** The columns of an entity in the order in which `shapeOf` reads them; all, or those of the properties named. */
export function columnsOf(entity: EntityClass, alias: string, properties?: readonly string[]): Sql {
  const { columns } = definitionOf(entity);
  const wanted =
    properties === undefined
      ? columns
      : properties.map((property) => columns.find((column) => column.property === property)!);
  return sqlText(wanted.map((column) => `${alias}.${column.name}`).join(', '));
}
