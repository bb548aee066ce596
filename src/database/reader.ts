// The leave to read. Given by the door for the length of one piece of work, bound to an owner.
import { type FindManyOptions, type FindOptionsOrder, type FindOptionsWhere } from 'typeorm';
import { type Owner } from '../common/owner.js';
import { LeaveEnded, OwnerNotBound } from './database.errors.js';
import { type Connection } from './engine.js';
import { definitionOf, type EntityClass } from './schema/entity.js';
import { type Scope, ownerOf } from './scope.js';
import { type Shape, type Shaped, rowDecoder, shapeOf } from './shape.js';
import { Sql, columnsOf, sql, sqlText } from './sql.js';
import { type Words } from './words.js';

export interface RowsOptions<Row> {
  readonly where?: FindOptionsWhere<Row> | FindOptionsWhere<Row>[];
  readonly order?: FindOptionsOrder<Row>;
  readonly take?: number;
}

/** TypeORM's repository of one entity, for reading, narrowed to the leave's owner. */
export interface Rows<Row> {
  find(options?: RowsOptions<Row>): Promise<Row[]>;
  findOne(where: FindOptionsWhere<Row>): Promise<Row | null>;
  count(where?: FindOptionsWhere<Row>): Promise<number>;
}

/** Queries only. */
export interface Reader {
  readonly scope: Scope;
  readonly words: Words;
  rows<Row extends object>(entity: EntityClass<Row>): Rows<Row>;
  /** "These rows are the leave's owner's": every query must hold it, or say that it is `ownerless`. */
  owned(alias: string): Sql;
  query<S extends Shape>(query: Sql, shape: S): Promise<Shaped<S>[]>;
  /** As query, for what reads a lot: it does not hold up other requests. */
  scan<S extends Shape>(query: Sql, shape: S): Promise<Shaped<S>[]>;
  /** Whole entities: `rest` is what follows `FROM <table> <alias>`. */
  select<Row extends object>(
    entity: EntityClass<Row>,
    alias: string,
    rest: Sql,
    options?: { scan?: boolean },
  ): Promise<Row[]>;
  /** As select, of some properties only: a constant list, so that its shape is made once. */
  pick<Row extends object, Property extends keyof Row & string>(
    entity: EntityClass<Row>,
    properties: readonly Property[],
    alias: string,
    rest: Sql,
    options?: { scan?: boolean },
  ): Promise<Pick<Row, Property>[]>;
}

const shapes = new WeakMap<EntityClass, Shape>();
const shapesOfSome = new WeakMap<readonly string[], Shape>();

export function keptShapeOf(entity: EntityClass): Shape {
  let shape = shapes.get(entity);
  if (shape === undefined) shapes.set(entity, (shape = shapeOf(entity)));
  return shape;
}

function keptShapeOfSome(entity: EntityClass, properties: readonly string[]): Shape {
  let shape = shapesOfSome.get(properties);
  if (shape === undefined) {
    const all = keptShapeOf(entity);
    shape = Object.fromEntries(properties.map((property) => [property, all[property]!]));
    shapesOfSome.set(properties, shape);
  }
  return shape;
}

/** The Reader that the door hands out. */
export class BoundReader implements Reader {
  private ended = false;
  protected readonly owner: Owner | undefined;

  constructor(
    protected readonly connection: Connection,
    readonly words: Words,
    readonly scope: Scope,
  ) {
    this.owner = ownerOf(scope);
  }

  end(): void {
    this.ended = true;
  }

  owned(alias: string): Sql {
    const condition = this.owner === undefined ? sqlText('TRUE') : sql`${sqlText(`${alias}.owner`)} = ${this.owner}`;
    return new Sql(condition.pieces, condition.values, true);
  }

  rows<Row extends object>(entity: EntityClass<Row>): Rows<Row> {
    const repository = () => this.live().manager.getRepository<Row>(entity as new () => Row);
    const bind = (where: RowsOptions<Row>['where']) => this.bind(entity, where);
    return {
      find: async (options = {}) => {
        // TypeORM takes a choice among nothing for no condition at all.
        if (Array.isArray(options.where) && options.where.length === 0) return [];
        return repository().find({ ...options, where: bind(options.where) } as FindManyOptions<Row>);
      },
      findOne: async (where) => {
        if (Object.keys(where).length === 0) throw new Error('This would find any row: it has no condition.');
        return repository().findOne({ where: bind(where) });
      },
      count: async (where) => repository().count({ where: bind(where) }),
    };
  }

  async query<S extends Shape>(query: Sql, shape: S): Promise<Shaped<S>[]> {
    return this.decode(await this.live(query).query(query.text(this.words.dialect), query.values), shape);
  }

  async scan<S extends Shape>(query: Sql, shape: S): Promise<Shaped<S>[]> {
    return this.decode(await this.live(query).scan(query.text(this.words.dialect), query.values), shape);
  }

  async select<Row extends object>(
    entity: EntityClass<Row>,
    alias: string,
    rest: Sql,
    options: { scan?: boolean } = {},
  ): Promise<Row[]> {
    return (await this.fetch(entity, columnsOf(entity, alias), keptShapeOf(entity), alias, rest, options)) as Row[];
  }

  async pick<Row extends object, Property extends keyof Row & string>(
    entity: EntityClass<Row>,
    properties: readonly Property[],
    alias: string,
    rest: Sql,
    options: { scan?: boolean } = {},
  ): Promise<Pick<Row, Property>[]> {
    const shape = keptShapeOfSome(entity, properties);
    return (await this.fetch(entity, columnsOf(entity, alias, properties), shape, alias, rest, options)) as Pick<
      Row,
      Property
    >[];
  }

  private fetch(
    entity: EntityClass,
    columns: Sql,
    shape: Shape,
    alias: string,
    rest: Sql,
    { scan = false }: { scan?: boolean },
  ): Promise<unknown[]> {
    const from = sqlText(`${definitionOf(entity).name} ${alias}`);
    const query = sql`SELECT ${columns} FROM ${from} ${rest}`;
    return scan ? this.scan(query, shape) : this.query(query, shape);
  }

  protected live(query?: Sql): Connection {
    if (this.ended) throw new LeaveEnded();
    if (query !== undefined && !query.bindsOwner)
      throw new OwnerNotBound(`This query does not say whose rows it means: ${query.pieces.join('?')}`);
    return this.connection;
  }

  private decode<S extends Shape>(rows: readonly (readonly unknown[])[], shape: S): Shaped<S>[] {
    const decode = rowDecoder(shape, this.words.dialect);
    return rows.map((row) => decode(row) as Shaped<S>);
  }

  private bind<Row extends object>(
    entity: EntityClass<Row>,
    where: RowsOptions<Row>['where'],
  ): FindOptionsWhere<Row> | FindOptionsWhere<Row>[] {
    if (this.owner === undefined || !definitionOf(entity).owned) return where ?? {};
    const owned = { owner: this.owner } as unknown as FindOptionsWhere<Row>;
    return Array.isArray(where) ? where.map((either) => ({ ...either, ...owned })) : { ...where, ...owned };
  }
}
