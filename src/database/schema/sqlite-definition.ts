// Reads what SQLite's pragmas keep to themselves out of the text of a definition: names, conditions, collations, expressions.

interface Token {
  readonly kind: 'word' | 'name' | 'string' | 'other';
  /** Of a quoted name what is inside; else as written. */
  readonly text: string;
}

/** What the text of CREATE TABLE says beyond the pragmas. */
export interface TableDefinition {
  readonly primaryKey: string | undefined;
  readonly checks: readonly { readonly name: string | undefined; readonly condition: string }[];
  /** In the order in which they are written. */
  readonly foreignKeys: readonly { readonly name: string | undefined; readonly deferrable: string | undefined }[];
  /** Column names that have a clause of their own. */
  readonly collations: ReadonlyMap<string, string>;
  readonly generated: ReadonlyMap<string, string>;
  /** `autoincrement`, `on conflict replace` …: what changes how rows are written. */
  readonly extras: readonly string[];
}

/** What the text of CREATE INDEX says beyond the pragmas. */
export interface IndexDefinition {
  readonly columns: readonly string[];
  readonly where: string | undefined;
}

const TOKEN =
  /\s+|--[^\n]*|\/\*[\s\S]*?(?:\*\/|$)|(?<string>'(?:[^']|'')*')|"(?<double>(?:[^"]|"")*)"|`(?<back>(?:[^`]|``)*)`|\[(?<bracket>[^\]]*)\]|(?<word>[\p{L}\p{N}_$]+)|->>|->|\|\||<=|>=|<>|!=|==|<<|>>|[\s\S]/gu;

export function tokensOf(text: string): Token[] {
  const tokens: Token[] = [];
  for (const { 0: whole, groups = {} } of text.matchAll(TOKEN)) {
    const { string, double, back, bracket, word } = groups;
    const name = double?.replaceAll('""', '"') ?? back?.replaceAll('``', '`') ?? bracket;
    if (string !== undefined) tokens.push({ kind: 'string', text: string });
    else if (name !== undefined) tokens.push({ kind: 'name', text: name });
    else if (word !== undefined) tokens.push({ kind: 'word', text: word });
    else if (!/^(?:\s|--|\/\*)/.test(whole)) tokens.push({ kind: 'other', text: whole });
  }
  return tokens;
}

/** The same text for the same meaning, however it was laid out, quoted or commented. */
export function normalised(tokens: readonly Token[]): string {
  return tokens
    .map(({ kind, text }) => (kind === 'word' || kind === 'name' ? text.toLowerCase() : text))
    .join(' ')
    .replaceAll(/\( | (?=[),])/g, (gap) => gap.trim());
}

export function readTableDefinition(sql: string): TableDefinition {
  const pieces = splitAtCommas(firstGroup(tokensOf(sql)));
  const found = new Found();
  for (const piece of pieces) found.read(piece);
  return found;
}

export function readIndexDefinition(sql: string): IndexDefinition {
  const tokens = tokensOf(sql);
  const columns = splitAtCommas(firstGroup(tokens)).map((piece) => normalised(withoutOrder(piece)));
  const end = closing(tokens, tokens.findIndex(isOpening));
  const where = tokens.slice(end + 1);
  return { columns, where: isWord(where[0], 'where') ? normalised(where.slice(1)) : undefined };
}

const TABLE_CONSTRAINTS = ['constraint', 'check', 'primary', 'unique', 'foreign'];

class Found implements TableDefinition {
  primaryKey: string | undefined = undefined;
  readonly checks: { name: string | undefined; condition: string }[] = [];
  readonly foreignKeys: { name: string | undefined; deferrable: string | undefined }[] = [];
  readonly collations = new Map<string, string>();
  readonly generated = new Map<string, string>();
  readonly extras: string[] = [];

  /** A column with its constraints, or a constraint of the table. */
  read(piece: readonly Token[]): void {
    const isConstraint = TABLE_CONSTRAINTS.some((word) => isWord(piece[0], word));
    const column = isConstraint ? undefined : piece[0]?.text;
    let name: string | undefined;
    for (let at = isConstraint ? 0 : 1; at < piece.length; at++) {
      const token = piece[at];
      const next = piece[at + 1];
      if (isWord(token, 'constraint')) name = piece[++at]?.text;
      else if (isWord(token, 'check')) this.checks.push({ name: taken(), condition: normalised(group(piece, at + 1)) });
      else if (isWord(token, 'primary')) this.primaryKey = taken();
      else if (isWord(token, 'references'))
        this.foreignKeys.push({ name: taken(), deferrable: deferrableAfter(piece, at) });
      else if (isWord(token, 'collate') && column !== undefined)
        this.collations.set(column, (next?.text ?? '').toLowerCase());
      else if (isWord(token, 'as') && column !== undefined) this.generated.set(column, generatedText(piece, at));
      else if (isWord(token, 'autoincrement')) this.extras.push('autoincrement');
      else if (isWord(token, 'on') && isWord(next, 'conflict'))
        this.extras.push(`on conflict ${piece[at + 2]?.text.toLowerCase()}`);
      // What stands in parentheses belongs to the word before them.
      if (isOpening(piece[at])) at = closing(piece, at);
    }

    function taken(): string | undefined {
      const was = name;
      name = undefined;
      return was;
    }
  }
}

function generatedText(piece: readonly Token[], at: number): string {
  const after = piece[closing(piece, at + 1) + 1];
  return `${normalised(group(piece, at + 1))} ${isWord(after, 'stored') ? 'stored' : 'virtual'}`;
}

function deferrableAfter(piece: readonly Token[], at: number): string | undefined {
  const found = piece.findIndex((token, index) => index > at && isWord(token, 'deferrable'));
  if (found < 0 || isWord(piece[found - 1], 'not')) return undefined;
  return isWord(piece[found + 1], 'initially') && isWord(piece[found + 2], 'deferred') ? 'initially deferred' : 'yes';
}

function withoutOrder(piece: readonly Token[]): readonly Token[] {
  let tokens = piece;
  if (['asc', 'desc'].some((word) => isWord(tokens.at(-1), word))) tokens = tokens.slice(0, -1);
  return isWord(tokens.at(-2), 'collate') ? tokens.slice(0, -2) : tokens;
}

function isWord(token: Token | undefined, word: string): boolean {
  return token?.kind === 'word' && token.text.toLowerCase() === word;
}

function isOpening(token: Token | undefined): boolean {
  return token?.kind === 'other' && token.text === '(';
}

/** Where the group that opens at `open` closes. */
function closing(tokens: readonly Token[], open: number): number {
  let depth = 0;
  for (let at = open; at < tokens.length; at++) {
    const token = tokens[at];
    if (token?.kind !== 'other') continue;
    if (token.text === '(') depth++;
    if (token.text === ')' && --depth === 0) return at;
  }
  return tokens.length;
}

/** What stands within the parentheses that open at `open`. */
function group(tokens: readonly Token[], open: number): readonly Token[] {
  return tokens.slice(open + 1, closing(tokens, open));
}

function firstGroup(tokens: readonly Token[]): readonly Token[] {
  return group(tokens, tokens.findIndex(isOpening));
}

function splitAtCommas(tokens: readonly Token[]): Token[][] {
  const pieces: Token[][] = [[]];
  let depth = 0;
  for (const token of tokens) {
    if (token.kind === 'other' && token.text === '(') depth++;
    if (token.kind === 'other' && token.text === ')') depth--;
    if (token.kind === 'other' && token.text === ',' && depth === 0) pieces.push([]);
    else pieces.at(-1)?.push(token);
  }
  return pieces;
}
