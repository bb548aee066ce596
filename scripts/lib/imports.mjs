// What every source file imports, read from the sources themselves: type-only, dynamic and worker imports count too.
import { existsSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import ts from 'typescript';

/** @typedef {{ from: string, line: number, to: string }} Import Paths are relative to the project's folder, with `/`. */

/** @param {ts.SourceFile} source @param {string} root @returns {Import[]} */
export function importsOf(source, root) {
  /** @type {Import[]} */
  const imports = [];
  const from = relative(root, source.fileName);
  each(source, (node) => {
    const specifier = specifierOf(node);
    if (specifier === undefined || !/^(\.{1,2}|)\//.test(specifier.text)) return;
    const to = relative(root, sourceFileAt(resolve(dirname(source.fileName), specifier.text)));
    imports.push({ from, line: lineOf(source, node), to });
  });
  return imports;
}

/** Visits a node and everything in it. @param {ts.Node} node @param {(node: ts.Node) => void} visit */
export function each(node, visit) {
  visit(node);
  ts.forEachChild(node, (child) => each(child, visit));
}

/** @param {ts.SourceFile} source @param {ts.Node} node */
export function lineOf(source, node) {
  return source.getLineAndCharacterOfPosition(node.getStart(source)).line + 1;
}

/**
 * The groups of files that import each other in a circle, each as one way around it.
 * @param {readonly Import[]} imports @returns {string[][]}
 */
export function circlesIn(imports) {
  /** @type {Map<string, Set<string>>} */
  const targets = new Map();
  for (const { from, to } of imports) targets.set(from, (targets.get(from) ?? new Set()).add(to));
  /** @type {Set<string>} */
  const done = new Set();
  /** @type {string[][]} */
  const circles = [];

  /** @param {string} file @param {string[]} path */
  const walk = (file, path) => {
    const at = path.indexOf(file);
    if (at >= 0) circles.push([...path.slice(at), file]);
    if (at >= 0 || done.has(file)) return;
    for (const next of targets.get(file) ?? []) walk(next, [...path, file]);
    done.add(file);
  };
  for (const file of [...targets.keys()].sort()) walk(file, []);
  return circles;
}

/** @param {ts.Node} node @returns {ts.StringLiteralLike | undefined} */
function specifierOf(node) {
  const specifier = candidateOf(node);
  return specifier !== undefined && ts.isStringLiteralLike(specifier) ? specifier : undefined;
}

/** @param {ts.Node} node @returns {ts.Node | undefined} */
function candidateOf(node) {
  if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) return node.moduleSpecifier;
  if (ts.isExternalModuleReference(node)) return node.expression;
  if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) return node.argument.literal;
  if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) return node.arguments[0];
  // new URL('./scan.worker.js', import.meta.url) is how a worker is named.
  const isUrl = ts.isNewExpression(node) && ts.isIdentifier(node.expression) && node.expression.text === 'URL';
  return isUrl ? node.arguments?.[0] : undefined;
}

/** @param {string} path as it is imported, with `.js` */
function sourceFileAt(path) {
  const typed = path.replace(/\.(m?)js$/, '.$1ts');
  return existsSync(typed) ? typed : path;
}

/** @param {string} root @param {readonly string[]} folders @returns {ts.Program} */
export function programOf(root, folders) {
  const config = ts.readConfigFile(join(root, 'tsconfig.json'), ts.sys.readFile).config ?? {};
  const { options, fileNames } = ts.parseJsonConfigFileContent({ ...config, include: folders }, ts.sys, root);
  return ts.createProgram(fileNames, options);
}
