// The usual way: Nest on Fastify, a TypeORM repository that is injected, find, and a mapping to the answer. No key, no checks.
// What decorators do in TypeScript is called by hand here.
import 'reflect-metadata';
import { Controller, Dependencies, Get, Module, Query } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { getRepositoryToken, TypeOrmModule } from '@nestjs/typeorm';
import { EntitySchema, Not, Raw } from 'typeorm';
import { decimal, page, placeIn } from './answers.mjs';

class Line {}

const text = { type: 'text' };
const nullable = { type: 'text', nullable: true };
const moment = { type: 'timestamptz' };
// Every column of the table, as an entity has them.
const LineSchema = new EntitySchema({
  name: 'Line',
  target: Line,
  tableName: 'transactions',
  columns: {
    id: { type: 'text', primary: true },
    owner: text,
    accountId: { type: 'text', name: 'account_id' },
    date: { type: 'date' },
    amount: { type: 'bigint' },
    currency: text,
    description: text,
    counterparty: nullable,
    category: nullable,
    categorySet: { type: 'boolean', name: 'category_set' },
    notes: nullable,
    status: text,
    type: nullable,
    runningBalance: { type: 'bigint', name: 'running_balance', nullable: true },
    source: text,
    externalId: { ...nullable, name: 'external_id' },
    pendingExternalId: { ...nullable, name: 'pending_external_id' },
    searchText: { type: 'text', name: 'search_text' },
    counterpartyFolded: { ...nullable, name: 'counterparty_folded' },
    version: { type: 'int' },
    createdAt: { ...moment, name: 'created_at' },
    updatedAt: { ...moment, name: 'updated_at' },
    raw: nullable,
  },
});

class LinesController {
  /** @param {import('typeorm').Repository<any>} lines */
  constructor(lines) {
    this.lines = lines;
  }

  /** @param {Record<string, string | undefined>} query */
  async list({ accountId, cursor, limit = '50' }) {
    const [date, id] = placeIn(cursor) ?? [];
    const found = await this.lines.find({
      where: {
        ...(accountId === undefined ? {} : { accountId }),
        status: Not('removed'),
        // As an OR of two conditions the index would not be used; that would be no fair peer.
        ...(date === undefined
          ? {}
          : { date: Raw((column) => `(${column}, ${column.replace(/date/, 'id')}) < (:date, :id)`, { date, id }) }),
      },
      order: { date: 'DESC', id: 'DESC' },
      take: Number(limit) + 1,
    });
    return page(found, Number(limit), viewOf, (last) => [last.date, last.id]);
  }
}

/** @param {any} line */
function viewOf({ amount, runningBalance, ...line }) {
  const {
    id,
    accountId,
    date,
    currency,
    description,
    counterparty,
    category,
    notes,
    status,
    type,
    source,
    externalId,
    version,
    createdAt,
    updatedAt,
  } = line;
  return {
    id,
    accountId,
    date,
    amount: decimal(amount, currency),
    currency,
    description,
    counterparty,
    category,
    notes,
    status,
    type,
    runningBalance: decimal(runningBalance, currency),
    source,
    externalId,
    version,
    createdAt,
    updatedAt,
  };
}

Controller('v1')(LinesController);
Dependencies(getRepositoryToken(LineSchema))(LinesController);
Get('transactions')(
  LinesController.prototype,
  'list',
  /** @type {PropertyDescriptor} */ (Object.getOwnPropertyDescriptor(LinesController.prototype, 'list')),
);
Query()(LinesController.prototype, 'list', 0);

class PeerModule {}
Module({
  imports: [
    TypeOrmModule.forRoot({
      type: 'postgres',
      url: process.env.STORE_URL,
      installExtensions: false,
      entities: [LineSchema],
      poolSize: 10,
    }),
    TypeOrmModule.forFeature([LineSchema]),
  ],
  controllers: [LinesController],
})(PeerModule);

const app = await NestFactory.create(PeerModule, new FastifyAdapter(), { logger: ['error', 'warn'] });
await app.listen(0, '127.0.0.1');
console.log(`listening on ${(await app.getUrl()).replace('[::1]', '127.0.0.1')}`);
process.once('SIGTERM', () => process.exit());
