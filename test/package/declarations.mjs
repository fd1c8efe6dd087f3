// The declarations that the build would emit for some entries, as a program of their own.
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

const project = resolve(dirname(fileURLToPath(import.meta.url)), '../..');

/**
 * Emits the declarations in memory, beside their sources, so that packages resolve from there as they do in lib/.
 *
 * @param {readonly string[]} sources paths of the entries' TypeScript sources
 * @param {ts.CompilerOptions} [options] instead of the build's
 */
export function declarationsOf(sources, options = buildOptions()) {
  const texts = emit(sources, options);
  const program = ts.createProgram({
    rootNames: sources.map(declarationPath),
    options: { ...options, noEmit: true, skipLibCheck: true },
    host: hostWith(texts, options),
  });
  return {
    checker: program.getTypeChecker(),
    /** The declaration file of an entry. */
    of: (source) => program.getSourceFile(declarationPath(source)),
    /** Is this file one of those emitted? */
    include: (file) => texts.has(resolve(file.fileName)),
  };
}

function buildOptions() {
  const path = join(project, 'tsconfig.build.json');
  const { config } = ts.readConfigFile(path, ts.sys.readFile);
  return ts.parseJsonConfigFileContent(config, ts.sys, project).options;
}

function emit(sources, options) {
  const texts = new Map();
  const only = { declaration: true, emitDeclarationOnly: true, declarationMap: false, sourceMap: false };
  const inPlace = { ...options, ...only, outDir: undefined, declarationDir: undefined, rootDir: undefined };
  ts.createProgram(sources, inPlace).emit(undefined, (path, text) => texts.set(resolve(path), text));
  return texts;
}

function hostWith(texts, options) {
  const host = ts.createCompilerHost(options);
  const { fileExists, readFile } = host;
  const isSource = (path) => texts.has(declarationPath(path));
  host.fileExists = (path) => texts.has(resolve(path)) || (!isSource(resolve(path)) && fileExists(path));
  host.readFile = (path) => texts.get(resolve(path)) ?? readFile(path);
  host.getSourceFile = (path, target) => {
    const text = host.readFile(path);
    return text === undefined ? undefined : ts.createSourceFile(path, text, target, true);
  };
  return host;
}

function declarationPath(source) {
  return source.replace(/(\.d)?\.ts$/, '.d.ts');
}
