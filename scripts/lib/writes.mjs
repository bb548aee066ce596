// Finds what writes to a store past its one door: write statements as text, and TypeORM's own verbs.
import ts from 'typescript';
import { each, lineOf } from './imports.mjs';

const TYPEORM_WRITES = new Set([
  'clear',
  'decrement',
  'delete',
  'increment',
  'insert',
  'orUpdate',
  'recover',
  'remove',
  'restore',
  'save',
  'softDelete',
  'softRemove',
  'update',
  'upsert',
]);

const VERB = String.raw`(?:insert\s+(?:or\s+\w+\s+)?into|replace\s+into|update\s+(?:only\s+)?["\w.]+\s+(?:as\s+\w+\s+)?set|delete\s+from|truncate\s+(?:table\s+)?["\w.]+|merge\s+into|copy\s+["\w.]+\s*(?:\([^)]*\)\s*)?from)\b`;
/** In capitals anywhere; in any spelling only where a statement may start, because a sentence may say "delete from" too. */
const WRITE_SQL = [new RegExp(upperCase(VERB)), new RegExp(String.raw`(?:^|[;()])\s*${VERB}`, 'i')];

/** @typedef {{ line: number, what: string }} Write */

/** @param {ts.SourceFile} source @param {ts.TypeChecker} checker @returns {Write[]} */
export function writesIn(source, checker) {
  /** @type {Write[]} */
  const writes = [];
  each(source, (node) => {
    const text = isPartOfLargerText(node) ? undefined : textOf(node);
    if (text !== undefined && WRITE_SQL.some((pattern) => pattern.test(text))) {
      writes.push({ line: lineOf(source, node), what: `the statement "${shortened(text)}"` });
    }
    if (ts.isCallExpression(node) && isTypeormWrite(node, checker)) {
      writes.push({ line: lineOf(source, node), what: `TypeORM's ${node.expression.getText(source)}()` });
    }
  });
  return writes;
}

/** What a text expression says, with `x` for whatever is computed. @param {ts.Node} node @returns {string | undefined} */
function textOf(node) {
  if (ts.isStringLiteralLike(node)) return node.text;
  if (ts.isTemplateExpression(node)) {
    return (
      node.head.text +
      node.templateSpans.map(({ expression, literal }) => (textOf(expression) ?? 'x') + literal.text).join('')
    );
  }
  if (!isSum(node)) return undefined;
  const [left, right] = [textOf(node.left), textOf(node.right)];
  return left === undefined && right === undefined ? undefined : (left ?? 'x') + (right ?? 'x');
}

/** @param {ts.Node} node @returns {node is ts.BinaryExpression} */
function isSum(node) {
  return ts.isBinaryExpression(node) && node.operatorToken.kind === ts.SyntaxKind.PlusToken;
}

/** @param {ts.Node} node */
function isPartOfLargerText({ parent }) {
  return parent !== undefined && (isSum(parent) || ts.isTemplateSpan(parent));
}

/** Judged by where the method is declared, so that a Map's delete() and the door's own verbs are not meant. @param {ts.CallExpression} call @param {ts.TypeChecker} checker */
function isTypeormWrite(call, checker) {
  if (!ts.isPropertyAccessExpression(call.expression) || !TYPEORM_WRITES.has(call.expression.name.text)) return false;
  const declaration = checker.getResolvedSignature(call)?.declaration;
  return declaration !== undefined && /\/node_modules\/typeorm\//.test(declaration.getSourceFile().fileName);
}

/** The pattern's letters in capitals, its classes (\s, \w) as they are. @param {string} pattern */
function upperCase(pattern) {
  return String.raw`\b` + pattern.replace(/(\\[a-z])|([a-z])/g, (_, escape, letter) => escape ?? letter.toUpperCase());
}

/** @param {string} text */
function shortened(text) {
  const line = text.replace(/\s+/g, ' ').trim();
  return line.length > 60 ? `${line.slice(0, 60)}…` : line;
}
