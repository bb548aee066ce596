// An entity in TypeORM's words for one engine, so that both engines can live in one process.
import { EntitySchema, type EntitySchemaColumnOptions, type ValueTransformer } from 'typeorm';
import { type ColumnKind, type Dialect } from './table.js';
import { definitionOf, type EntityClass } from './entity.js';
import { decoderOf, encoderOf } from './values.js';

const TYPES: Record<Dialect, Record<ColumnKind, EntitySchemaColumnOptions['type']>> = {
  postgres: { text: 'text', amount: 'bigint', instant: 'timestamptz', date: 'date', count: 'integer', flag: 'boolean' },
  sqlite: { text: 'text', amount: 'bigint', instant: 'text', date: 'text', count: 'integer', flag: 'integer' },
};

export function typeormSchemaOf(entity: EntityClass, dialect: Dialect): EntitySchema {
  const definition = definitionOf(entity);
  return new EntitySchema({
    name: entity.name,
    target: entity,
    tableName: definition.name,
    columns: Object.fromEntries(
      definition.columns.map((column) => [
        column.property,
        {
          name: column.name,
          type: TYPES[dialect][column.kind],
          nullable: column.nullable,
          primary: definition.primaryKey.includes(column.name),
          transformer: transformerOf(column.kind, dialect),
        } satisfies EntitySchemaColumnOptions,
      ]),
    ),
  });
}

function transformerOf(kind: ColumnKind, dialect: Dialect): ValueTransformer {
  const decode = decoderOf(kind, dialect);
  const encode = encoderOf(kind, dialect);
  // A find operator (In, LessThan …) comes through here too; its values are transformed one by one by TypeORM itself.
  return { from: decode, to: encode };
}
