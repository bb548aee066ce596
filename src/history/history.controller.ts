import { Controller, Get, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Caller, Requires } from '../auth/access.js';
import { OwnerForbidden } from '../auth/auth.errors.js';
import { Principal } from '../auth/principal.js';
import { CursorInvalid } from '../http/http.errors.js';
import { ProblemAnswers } from '../http/problem-answers.js';
import { AuditList, AuditQuery, ChangeList, ListChangesQuery } from './history.dto.js';
import { HistoryService } from './history.service.js';

@ApiTags('history')
@Controller('v1')
export class HistoryController {
  constructor(private readonly history: HistoryService) {}

  /**
   * What was added, modified and removed since the cursor, in an order that never changes: ask until `hasMore` is false, keep `nextCursor`, and ask
   * with it again whenever you like. Without a cursor it begins with the first change ever. Changes of one thing come in the order
   * in which they were made; of two things that belong together either may come first, as lines before their account.
   */
  @Get('changes')
  @Requires('read')
  @ProblemAnswers(OwnerForbidden, CursorInvalid)
  changes(@Caller() caller: Principal, @Query() query: ListChangesQuery): Promise<ChangeList> {
    return this.history.changes(caller, query);
  }

  /** Every change: who, what, before and after, by which request; newest first. */
  @Get('audit')
  @Requires('admin')
  @ProblemAnswers(OwnerForbidden, CursorInvalid)
  audit(@Caller() caller: Principal, @Query() query: AuditQuery): Promise<AuditList> {
    return this.history.audit(caller, query);
  }
}
