import { type Fault } from '../common/domain-error.js';

/** The body of every answer that is not 2xx; media type application/problem+json. */
export class Problem {
  /** A name for this kind of problem; docs/errors.md explains each. @example urn:passbook:problem:account_not_found */
  type!: string;
  /** The same words for every problem of this type. */
  title!: string;
  /** The HTTP status. @example 404 */
  status!: number;
  /** What happened this time. */
  detail!: string;
  /** Stable; to be switched on by programs. @example account_not_found */
  code!: string;
  /** What is wrong with which value, as far as one can read it: the first 50. */
  errors?: FieldProblem[];
}

export class FieldProblem implements Fault {
  /** A JSON pointer into the body (`/amount`), or `?name` for a query parameter. */
  pointer!: string;
  detail!: string;
}
