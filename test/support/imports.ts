import { posix } from 'node:path';
import ts from 'typescript';

/** One import, re-export, dynamic import, `require` or import type of a source file. */
export interface Import {
  /** Path of the importing file from the project's root, with `/`. */
  readonly from: string;
  readonly line: number;
  /** As written; undefined when it is computed, so that no reader can tell. */
  readonly specifier: string | undefined;
  /** Path of the imported file when the specifier is relative. */
  readonly file: string | undefined;
  /** Name of the imported package (`node:` builtins included) when it is not. */
  readonly package: string | undefined;
  /** Imported or re-exported names; empty for a whole module. */
  readonly names: readonly string[];
  /** Gone after compilation. */
  readonly typeOnly: boolean;
  /** Loaded when it is called for, not with the file. */
  readonly dynamic: boolean;
}

/** A TypeScript source, by its path from the project's root. */
export interface Source {
  readonly path: string;
  readonly text: string;
}

/** All imports of a source, types included, in their order. */
export function importsOf(source: Source): Import[] {
  const found: Import[] = [];
  const file = parse(source);
  const add = (
    node: ts.Node,
    specifier: ts.Node | undefined,
    how: Partial<Pick<Import, 'names' | 'typeOnly' | 'dynamic'>>,
  ) => {
    const text = specifier && ts.isStringLiteralLike(specifier) ? specifier.text : undefined;
    const line = file.getLineAndCharacterOfPosition(node.getStart(file)).line + 1;
    found.push({ names: [], typeOnly: false, dynamic: false, ...how, ...target(source.path, text), line });
  };
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node)) add(node, node.moduleSpecifier, bindings(node.importClause));
    else if (ts.isExportDeclaration(node)) {
      if (node.moduleSpecifier) add(node, node.moduleSpecifier, exportedBindings(node));
    } else if (ts.isExternalModuleReference(node)) {
      add(node, node.expression, { typeOnly: node.parent.isTypeOnly });
    } else if (ts.isImportTypeNode(node)) {
      add(node, ts.isLiteralTypeNode(node.argument) ? node.argument.literal : undefined, { typeOnly: true });
    } else if (ts.isCallExpression(node) && isLoader(node.expression)) {
      add(node, node.arguments[0], { dynamic: true });
    } else if (ts.isModuleDeclaration(node) && ts.isStringLiteral(node.name)) {
      add(node, node.name, { typeOnly: true }); // an augmentation needs the module's types
    }
    ts.forEachChild(node, visit);
  };
  visit(file);
  for (const reference of file.typeReferenceDirectives) {
    found.push({ names: [], typeOnly: true, dynamic: false, ...target(source.path, reference.fileName), line: 1 });
  }
  return found;
}

/** Lines with an `await` that runs while the module loads. */
export function topLevelAwaits(source: Source): number[] {
  const file = parse(source);
  const lines: number[] = [];
  const visit = (node: ts.Node): void => {
    if (isAwait(node)) lines.push(file.getLineAndCharacterOfPosition(node.getStart(file)).line + 1);
    if (ts.isFunctionLike(node)) return;
    ts.forEachChild(node, visit);
  };
  visit(file);
  return lines;
}

function parse({ path, text }: Source): ts.SourceFile {
  return ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true, ts.ScriptKind.TS);
}

function target(from: string, specifier: string | undefined): Pick<Import, 'from' | 'specifier' | 'file' | 'package'> {
  if (specifier === undefined) return { from, specifier, file: undefined, package: undefined };
  if (/^\.{0,2}\//.test(specifier) || specifier === '.' || specifier === '..') {
    const file = posix.normalize(posix.join(posix.dirname(from), specifier)).replace(/\.([cm]?)js$/, '.$1ts');
    return { from, specifier, file, package: undefined };
  }
  return { from, specifier, file: undefined, package: packageOf(specifier) };
}

/** `@nestjs/common/internal.js` is of the package `@nestjs/common`. */
function packageOf(specifier: string): string {
  if (specifier.startsWith('node:')) return specifier;
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');
}

function bindings(clause: ts.ImportClause | undefined): Pick<Import, 'names' | 'typeOnly'> {
  if (clause === undefined) return { names: [], typeOnly: false };
  const named = clause.namedBindings;
  const elements = named && ts.isNamedImports(named) ? [...named.elements] : [];
  const typeOnly =
    clause.phaseModifier === ts.SyntaxKind.TypeKeyword ||
    (clause.name === undefined && elements.length > 0 && elements.every((element) => element.isTypeOnly));
  return { names: elements.map(importedName), typeOnly };
}

function exportedBindings(node: ts.ExportDeclaration): Pick<Import, 'names' | 'typeOnly'> {
  const elements = node.exportClause && ts.isNamedExports(node.exportClause) ? [...node.exportClause.elements] : [];
  const typeOnly = node.isTypeOnly || (elements.length > 0 && elements.every((element) => element.isTypeOnly));
  return { names: elements.map(importedName), typeOnly };
}

function importedName(element: ts.ImportSpecifier | ts.ExportSpecifier): string {
  return (element.propertyName ?? element.name).text;
}

/** `import(…)`, `require(…)`, and `require.resolve(…)`, which finds what it does not load. */
function isLoader(callee: ts.Expression): boolean {
  if (callee.kind === ts.SyntaxKind.ImportKeyword) return true;
  if (ts.isPropertyAccessExpression(callee)) return isLoader(callee.expression) && callee.name.text === 'resolve';
  return ts.isIdentifier(callee) && callee.text === 'require';
}

function isAwait(node: ts.Node): boolean {
  if (ts.isAwaitExpression(node)) return true;
  if (ts.isForOfStatement(node)) return node.awaitModifier !== undefined;
  return ts.isVariableDeclarationList(node) && (node.flags & ts.NodeFlags.BlockScoped) === ts.NodeFlags.AwaitUsing;
}
