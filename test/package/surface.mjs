// The public surface as text: what an application can import, with its declared types. Read from the declarations that
// the build would emit, so that inferred types count and what is @internal or private does not.
import { readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { declarationsOf } from './declarations.mjs';

const project = resolve(dirname(fileURLToPath(import.meta.url)), '../..');

/**
 * The entries of package.json's `exports`.
 *
 * @returns {{ name: string, source: string, report: string }[]} name as imported, TypeScript source, committed report
 */
export function entries() {
  const { name, exports } = JSON.parse(readFileSync(join(project, 'package.json'), 'utf8'));
  return Object.entries(exports)
    .filter(([, target]) => typeof target === 'object')
    .map(([subpath, target]) => ({
      name: name + subpath.slice(1),
      source: join(project, target.types.replace(/^\.\/dist\//, 'lib/').replace(/\.d\.ts$/, '.ts')),
      report: join(project, `test/package/public-surface.${subpath === '.' ? 'index' : subpath.slice(2)}.txt`),
    }));
}

/**
 * The reports of several entries.
 *
 * @param {readonly string[]} sources paths of the entries' TypeScript sources
 * @param {ts.CompilerOptions} [options] instead of the build's
 * @returns {string[]} a report for each
 */
export function surfacesOf(sources, options) {
  const declarations = declarationsOf(sources, options);
  return sources.map((source) => report(declarations, declarations.of(source)));
}

function report(declarations, entry) {
  const { checker } = declarations;
  const module = entry && checker.getSymbolAtLocation(entry);
  if (module === undefined) return '';
  const aliasTarget = (symbol) => (symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol);
  const exported = checker
    .getExportsOfModule(module)
    .map((symbol) => ({ name: symbol.name, symbol: aliasTarget(symbol) }));

  // A type that an exported one mentions is part of the surface, even if nobody can import it by name.
  const known = new Set(exported.map(({ symbol }) => symbol));
  const mentioned = [];
  const collect = (symbol) => {
    for (const declaration of symbol.declarations ?? []) {
      if (!declarations.include(declaration.getSourceFile())) continue;
      visitNames(declaration, (name) => {
        const found = checker.getSymbolAtLocation(name);
        const target = found && aliasTarget(found);
        if (!target || known.has(target) || !isTopLevel(target, declarations)) return;
        known.add(target);
        mentioned.push({ name: target.name, symbol: target });
        collect(target);
      });
    }
  };
  exported.forEach(({ symbol }) => collect(symbol));

  const hidden = mentioned.length === 0 ? [] : ['// Not exported, but mentioned by what is.', ...texts(mentioned)];
  return [...texts(exported), ...hidden].join('\n\n') + '\n';
}

/** Visits the names in a declaration, except in its private members. */
function visitNames(node, visit) {
  ts.forEachChild(node, (child) => {
    if (isPrivate(child)) return;
    if (ts.isIdentifier(child)) visit(child);
    visitNames(child, visit);
  });
}

function isTopLevel(symbol, declarations) {
  return (symbol.declarations ?? []).some((declaration) => {
    const holder = ts.isVariableDeclaration(declaration) ? declaration.parent.parent.parent : declaration.parent;
    return ts.isSourceFile(holder) && declarations.include(holder);
  });
}

function texts(symbols) {
  return symbols
    .map(({ name, symbol }) => {
      const parts = (symbol.declarations ?? []).map((declaration) => declarationText(name, declaration));
      // The declaration is @internal and stripped, but its export is not: importing it fails.
      return parts.length > 0 ? [...new Set(parts)].join('\n') : `${name}: exported, but not declared`;
    })
    .sort();
}

function declarationText(name, declaration) {
  const file = declaration.getSourceFile();
  if (ts.isSourceFile(declaration)) return `namespace ${name}`;
  if (!isOwn(file)) return `${name}: re-exported from ${packageIn(file.fileName)}`;
  if (ts.isVariableDeclaration(declaration)) return `const ${print(declaration, file)}`;
  const renamed = declaration.name?.text === name ? '' : `// exported as ${name}\n`;
  return renamed + print(declaration, file).replace(/^(export |declare |default )+/, '');
}

function isOwn(file) {
  return !file.fileName.includes('/node_modules/');
}

function packageIn(path) {
  return path
    .split('/node_modules/')
    .at(-1)
    .split('/')
    .slice(0, path.includes('/node_modules/@') ? 2 : 1)
    .join('/');
}

const printer = ts.createPrinter({ removeComments: true, newLine: ts.NewLineKind.LineFeed });

function print(node, file) {
  const { transformed } = ts.transform(node, [
    (context) => (root) => {
      const visit = (each) => {
        const next = ts.visitEachChild(each, visit, context);
        if (ts.isClassDeclaration(next)) {
          const { modifiers, name, typeParameters, heritageClauses } = next;
          const members = sortMembers(next.members, file);
          return context.factory.updateClassDeclaration(
            next,
            modifiers,
            name,
            typeParameters,
            heritageClauses,
            members,
          );
        }
        if (ts.isInterfaceDeclaration(next)) {
          const { modifiers, name, typeParameters, heritageClauses } = next;
          const members = sortMembers(next.members, file);
          return context.factory.updateInterfaceDeclaration(
            next,
            modifiers,
            name,
            typeParameters,
            heritageClauses,
            members,
          );
        }
        return next;
      };
      return visit(root);
    },
  ]);
  return printer.printNode(ts.EmitHint.Unspecified, transformed[0], file);
}

/** In the order of their names, so that moving code changes nothing; overloads stay in theirs, which counts. */
function sortMembers(members, file) {
  const key = (member) => member.name?.getText(file) ?? '';
  return members
    .filter((member) => !isPrivate(member))
    .sort((a, b) => (key(a) < key(b) ? -1 : key(a) > key(b) ? 1 : 0));
}

function isPrivate(node) {
  if (!ts.isClassElement(node) || ts.isConstructorDeclaration(node)) return false; // `new` must stay refused
  if (node.name && ts.isPrivateIdentifier(node.name)) return true;
  return (ts.getCombinedModifierFlags(node) & ts.ModifierFlags.Private) !== 0;
}
