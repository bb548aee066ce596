import { Controller, Get, Param, Query, Req, Res } from '@nestjs/common';
import { ApiExtraModels, ApiOkResponse, ApiTags, getSchemaPath } from '@nestjs/swagger';
import { type FastifyReply, type FastifyRequest } from 'fastify';
import { AccountNotBook, AccountNotFound } from '../accounts/accounts.errors.js';
import { Caller, Requires } from '../auth/access.js';
import { Principal } from '../auth/principal.js';
import { type AccountId } from '../common/ids.js';
import { nextPageLink } from '../http/answer-headers.js';
import { AlsoAnswers, prefersOther } from '../http/edge/accept.js';
import { CursorInvalid } from '../http/http.errors.js';
import { IdParam } from '../http/id-param.js';
import { ProblemAnswers } from '../http/problem-answers.js';
import { statementCsv } from './statement.csv.js';
import { StatementQuery, StatementView } from './statements.dto.js';
import { StatementsService } from './statements.service.js';

const CSV = 'text/csv';
/** Nest still sends what the handler returns. */
const PASSING = { passthrough: true } as const;

@ApiTags('transactions')
@ApiExtraModels(StatementView)
@Controller('v1')
export class StatementsController {
  constructor(private readonly statements: StatementsService) {}

  /** A book account's opening, lines and closing over some days, as JSON or CSV. */
  @Get('accounts/:id/statement')
  @AlsoAnswers(CSV)
  @Requires('read')
  @ProblemAnswers(AccountNotFound, AccountNotBook, CursorInvalid)
  @ApiOkResponse({
    content: {
      'application/json': { schema: { $ref: getSchemaPath(StatementView) } },
      [CSV]: { schema: { type: 'string' } },
    },
  })
  of(
    @Caller() caller: Principal,
    @Param('id', IdParam('account', AccountNotFound)) accountId: AccountId,
    @Query() query: StatementQuery,
    @Req() request: FastifyRequest,
    @Res(PASSING) reply: FastifyReply,
  ): Promise<StatementView | string> {
    return this.statements.of(caller, accountId, query).then((statement) => asAsked(statement, query, request, reply));
  }
}

/** As CSV where the query says so, or else the Accept header. */
function asAsked(
  statement: StatementView,
  { format, cursor }: StatementQuery,
  request: FastifyRequest,
  reply: FastifyReply,
): StatementView | string {
  const isCsv = format === undefined ? prefersOther(request.headers.accept, CSV) : format === 'csv';
  if (!isCsv) return statement;
  void reply.type(`${CSV}; charset=utf-8`);
  if (statement.nextCursor !== null) void reply.header('link', nextPageLink(request.url, statement.nextCursor));
  return statementCsv(statement, cursor === undefined);
}
