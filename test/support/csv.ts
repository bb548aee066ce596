// Reads CSV as RFC 4180 says, and nothing more lenient: what a test reads here, any spreadsheet reads.
const CELL = /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n)/y;

/** The rows, each a list of cells. @throws Error at the first place that is no CSV */
export function readCsv(text: string): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  CELL.lastIndex = 0;
  while (CELL.lastIndex < text.length) {
    const from = CELL.lastIndex;
    const found = CELL.exec(text);
    if (found === null) throw new Error(`This is no CSV: ${text.slice(from, from + 100)}`);
    const [, quoted, plain, end] = found;
    row.push(quoted === undefined ? plain! : quoted.replaceAll('""', '"'));
    if (end === ',') continue;
    rows.push(row);
    row = [];
  }
  if (row.length > 0) throw new Error('The last row does not end.');
  return rows;
}
