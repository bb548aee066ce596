// What a route says of itself is held against what it is asked: on a service of a few routes of its own, since a fault is what no route
// of Passbook's has.
import { Body, Controller, Get, HttpCode, Module, Post, Query } from '@nestjs/common';
import { ROUTE_ARGS_METADATA } from '@nestjs/common/internal';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Refusal, type RefusalKind } from '../../src/common/domain-error.js';
import { OutcomeUnknown } from '../../src/database/database.errors.js';
import { Deprecated } from '../../src/http/deprecated.js';
import { ExemptFromOnce } from '../../src/http/exempt-from-once.js';
import { HttpModule } from '../../src/http/http.module.js';
import { takeJsonOnly } from '../../src/http/json-body.js';
import { OnceKey } from '../../src/http/once-key.js';
import { PageQuery } from '../../src/http/page.dto.js';
import { routeFactsOf } from '../../src/http/route-facts.js';
import { TakesAnything } from '../../src/http/takes-anything.js';

class Limited extends Refusal {
  static readonly code: string = 'limited_by_test';
  static readonly kind: RefusalKind = 'limited';
  static readonly title: string = 'Too often';
}

class LimitedLong extends Limited {
  override readonly retryAfterSeconds = 42;
}

const page = { data: [], nextCursor: 'next' };

@Controller()
class RoutesOfTest {
  @Post('remembers')
  remembers() {
    return { done: true };
  }

  @Post('counts')
  @ExemptFromOnce()
  counts(@Body() body: object) {
    return body;
  }

  @Get('old')
  @Deprecated({ since: '2026-11-21', sunset: '2027-11-21', link: '/docs' })
  old(@Query() _query: PageQuery) {
    return page;
  }

  @Get('refuses')
  refuses() {
    throw new Limited('Wait.');
  }

  @Get('refuses-long')
  refusesLong() {
    throw new LimitedLong('Wait.');
  }

  @Post('may-have-happened')
  @HttpCode(200)
  mayHaveHappened() {
    throw new OutcomeUnknown('Nobody knows.');
  }

  @Get('anything')
  @TakesAnything()
  anything() {
    return {};
  }
}

@Module({ imports: [HttpModule], controllers: [RoutesOfTest] })
class ServiceOfTest {}

describe('what a route says of itself', () => {
  let app: NestFastifyApplication;
  beforeAll(async () => {
    const adapter = new FastifyAdapter();
    app = await NestFactory.create<NestFastifyApplication>(ServiceOfTest, adapter, {
      logger: false,
      bodyParser: false,
    });
    takeJsonOnly(adapter.getInstance());
    adapter.getInstance().addHook('onRequest', (request, _reply, done) => {
      const once = OnceKey.of(request.headers['idempotency-key'], () => request);
      if (once !== undefined) request.once = once;
      done();
    });
    await app.init();
    await adapter.getInstance().ready();
  });
  afterAll(() => app.close());

  const ask = (method: 'GET' | 'POST', url: string, headers: Record<string, string> = {}, payload?: string) =>
    app.inject({ method, url, headers, ...(payload === undefined ? {} : { payload }) });
  const withKey = { 'idempotency-key': 'k-1' };
  const json = { 'content-type': 'application/json' };

  it('a route that was sent an Idempotency-Key and forgot to use it is a fault of the service', async () => {
    expect((await ask('POST', '/remembers')).statusCode).toBe(201);
    const answer = await ask('POST', '/remembers', withKey);
    expect({ status: answer.statusCode, code: answer.json().code }).toEqual({ status: 500, code: 'internal_fault' });
  });

  it('a route that is exempt may pass it over', async () => {
    expect((await ask('POST', '/counts', { ...withKey, ...json }, '{"a":1}')).statusCode).toBe(201);
  });

  it('a deprecated route says since when, until when and where to read of it, beside its own links', async () => {
    const { headers } = await ask('GET', '/old?limit=1');
    expect(headers).toMatchObject({
      deprecation: '@1795219200',
      sunset: 'Sun, 21 Nov 2027 00:00:00 GMT',
      link: '</docs>; rel="deprecation", </old?limit=1&cursor=next>; rel="next"',
    });
    expect((await ask('GET', '/old?limit=no')).headers).toMatchObject({ deprecation: '@1795219200' });
  });

  it('whoever asks too often hears when to ask again', async () => {
    expect((await ask('GET', '/refuses')).headers).toMatchObject({ 'retry-after': '1' });
    expect((await ask('GET', '/refuses-long')).headers).toMatchObject({ 'retry-after': '42' });
  });

  it('what may have happened is to be repeated by those only whose repetitions are known', async () => {
    const blind = await ask('POST', '/may-have-happened');
    expect({ status: blind.statusCode, again: blind.headers['retry-after'] }).toEqual({
      status: 503,
      again: undefined,
    });
    const known = await ask('POST', '/may-have-happened', withKey);
    expect({ status: known.statusCode, again: known.headers['retry-after'] }).toEqual({ status: 503, again: '1' });
  });

  it.each([
    ['?a=1&b=2', ['?a', '?b']],
    ['?constructor=1', ['?constructor']],
    ['?', undefined],
    ['?&', undefined],
  ])('a query that a route has no parameter for (%s) is refused', async (query, pointers) => {
    const answer = await ask('POST', `/remembers${query}`);
    const errors = answer.json().errors as { pointer: string }[] | undefined;
    expect(errors?.map(({ pointer }) => pointer)).toEqual(pointers);
    expect(answer.statusCode).toBe(pointers === undefined ? 201 : 400);
  });

  it.each([
    ['{"a":1}', 400],
    ['[]', 400],
    ['null', 400],
    ['"text"', 400],
    ['0', 400],
    ['{}', 201],
    ['', 201],
  ])('a body that a route has no parameter for (%s) is refused unless it holds nothing', async (payload, status) => {
    expect((await ask('POST', '/remembers', json, payload)).statusCode).toBe(status);
  });

  it('what tolerates anything is answered as if nothing strange had come', async () => {
    expect((await ask('GET', '/anything?a=1&b[]=2')).statusCode).toBe(200);
  });
});

it('a parameter of our own, which Nest keeps under a name by chance, is none of the query or the body', () => {
  class Chance {
    handles() {
      return {};
    }
  }
  // 4 is the query's kind and 3 the body's.
  const kept = { '4f9Yk3__customRouteArgs__:0': {}, '3x__customRouteArgs__:1': {}, '5:2': {} };
  Reflect.defineMetadata(ROUTE_ARGS_METADATA, kept, Chance, 'handles');
  expect(routeFactsOf(Chance, Chance.prototype.handles)).toMatchObject({ takesQuery: false, takesBody: false });
});
