// What a statement does, in a few words that stay few: its verb and the first table that it names. Texts differ in their lists of
// parameters; what is counted by operation must not.

/** Texts that are remembered, as many as are prepared. */
const TEXTS_MAX = 1_000;
/** Verbs times tables are far fewer. */
const OPERATIONS_MAX = 200;
export const OTHER_OPERATION = 'other';

/** Parentheses and quotes in front of a name belong to no table. */
const TABLE = /\b(?:FROM|INTO|UPDATE|JOIN|TABLE)\s+"?([a-z_][a-z0-9_]*)/;
const VERB = /^\s*([A-Za-z]+)/;
/** After `WITH … AS (…)` the verb is whichever comes last outside of the parentheses. */
const VERB_AFTER_WITH = /\)\s*(SELECT|INSERT|UPDATE|DELETE)\b/i;

export class StatementOperations {
  private readonly byText = new Map<string, string>();
  private readonly operations = new Set<string>();

  /** `select transactions`, `insert changes`, `begin` … */
  of(text: string): string {
    let operation = this.byText.get(text);
    if (operation === undefined) {
      operation = this.bounded(operationOf(text));
      if (this.byText.size < TEXTS_MAX) this.byText.set(text, operation);
    }
    return operation;
  }

  private bounded(operation: string): string {
    if (this.operations.size >= OPERATIONS_MAX && !this.operations.has(operation)) return OTHER_OPERATION;
    this.operations.add(operation);
    return operation;
  }
}

function operationOf(text: string): string {
  const first = VERB.exec(text)?.[1]?.toLowerCase() ?? OTHER_OPERATION;
  const verb = first === 'with' ? (VERB_AFTER_WITH.exec(text)?.[1]?.toLowerCase() ?? first) : first;
  const table = TABLE.exec(text)?.[1];
  return table === undefined ? verb : `${verb} ${table}`;
}
