import { type CivilDate } from '../common/civil-date.js';
import { ChoiceField, CivilDateField } from '../http/fields.js';
import { PageQuery } from '../http/page.dto.js';
import { TransactionView } from './transactions.dto.js';

export const STATEMENT_FORMATS = ['json', 'csv'] as const;

export class StatementQuery extends PageQuery {
  @CivilDateField({ about: 'The first day; that of the opening of the account when left out.', optional: true })
  from?: CivilDate;

  @CivilDateField({ about: 'The last day; today when left out.', optional: true })
  to?: CivilDate;

  @ChoiceField(STATEMENT_FORMATS, {
    about: '`csv` gives the page as text/csv, as does `Accept: text/csv`; the next one is named by `Link`.',
    optional: true,
  })
  format?: (typeof STATEMENT_FORMATS)[number];
}

export class StatementView {
  /** @example acc_0192f0c1a2b37c4d8e9f00112233445566 */
  accountId!: string;
  /** @example NC-7K2M-Q4XZ */
  accountNumber!: string | null;
  /** @example USD */
  currency!: string;
  /** @example 2026-11-01 */
  from!: string;
  /** @example 2026-11-30 */
  to!: string;
  /** What the account held when the first day began. @example "100.00" */
  opening!: string;
  /** What it held when the last day ended, or holds now. @example "87.66" */
  closing!: string;
  /** Oldest first; each with the balance after it. */
  lines!: TransactionView[];
  nextCursor!: string | null;
}
