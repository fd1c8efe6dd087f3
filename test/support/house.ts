import { importsOf, topLevelAwaits, type Import, type Source } from './imports.js';

/** The parts of package.json that imports are held against. */
export interface Manifest {
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
  readonly peerDependenciesMeta?: Readonly<Record<string, { readonly optional?: boolean }>>;
}

/** One place where the rules of the house are broken. */
export interface Finding {
  readonly rule: Rule;
  readonly file: string;
  readonly line: number;
  readonly message: string;
}

export type Rule =
  | 'direction'
  | 'unknown-room'
  | 'unresolved'
  | 'computed'
  | 'bson-package'
  | 'one-door'
  | 'pure'
  | 'undeclared'
  | 'optional-peer'
  | 'needs-no-peer'
  | 'top-level-await'
  | 'dependencies';

const GROUND = ['mapping', 'errors'];
const WORKSHOPS = ['query', 'flush', 'tracking', 'bson', ...GROUND];
const ALL = ['nest', 'repository', 'unit-of-work', ...WORKSHOPS];

/** The rooms of lib/, and what each may import from besides itself. Files right in lib/ belong to `nest`. */
export const ROOMS: ReadonlyMap<string, readonly string[]> = new Map([
  // Subpaths of their own: they see everything, nothing sees them.
  ['swagger', ALL],
  ['terminus', ALL],
  ['testing', ALL],
  ['nest', ALL],
  ['repository', ['unit-of-work', ...WORKSHOPS]],
  ['unit-of-work', WORKSHOPS],
  ['flush', ['tracking', 'bson', ...GROUND]],
  ['query', ['bson', ...GROUND]],
  ['tracking', GROUND],
  ['bson', GROUND],
  ['mapping', ['errors']],
  ['errors', []],
]);

/** The one door to BSON's value classes: open to every room but tracking, and the only one to import them. */
const VALUES = 'lib/bson/values.ts';

/** Files that talk to the driver or to Nest; all others are pure. */
const IMPURE = [
  /^lib\/(nest|repository|unit-of-work|swagger|terminus|testing)\//,
  /^lib\/[^/]+$/,
  /^lib\/flush\/(write|transaction|server-errors)[^/]*(\/|\.ts$)/,
  /^lib\/query\/find[^/]*(\/|\.ts$)/,
];

/** Rooms that may name the driver's types (`import type`) even in their pure files. */
const DRIVER_TYPES = /^lib\/(flush|query)\//;

/** Peers that an application may lack, whether or not package.json names them yet. */
const OPTIONAL_PEERS = [
  'class-validator',
  'class-transformer',
  '@nestjs/swagger',
  '@nestjs/terminus',
  '@opentelemetry/api',
  'mongodb-memory-server-core',
];

/** Type imports of optional peers that were seen not to reach a public .d.ts: `lib/file.ts package`. */
const ALLOWED_OPTIONAL_TYPES: readonly string[] = [];

/** Files whose `import(name)` cannot be read here, and why that is right. */
const ALLOWED_COMPUTED: readonly string[] = [];

/** Packages that every installation brings along. Each would have to earn its place in docs/decisions. */
const ALLOWED_DEPENDENCIES: readonly string[] = [];

const INDEX = 'lib/index.ts';
const TRACKING = 'lib/tracking/index.ts';

/** Everything in the sources of lib/ and the manifest that breaks the rules of the house. */
export function findingsOf(sources: readonly Source[], manifest: Manifest): Finding[] {
  const imports = sources.flatMap(importsOf);
  const files = new Set(sources.map((source) => source.path));
  const doorNames = new Set(imports.filter((each) => each.from === VALUES).flatMap((each) => each.names));
  return [
    ...sources.flatMap((source) => roomFindings(source)),
    ...imports.flatMap((each) => [
      ...relativeFindings(each, files),
      ...driverFindings(each, doorNames),
      ...packageFindings(each, manifest),
    ]),
    ...entryFindings(imports, manifest),
    ...sources.flatMap(awaitFindings),
    ...dependencyFindings(manifest),
  ];
}

/** Room of a file of lib/. */
export function roomOf(path: string): string {
  const [, first, ...rest] = path.split('/');
  return first === undefined || rest.length === 0 ? 'nest' : first;
}

/** The imports of all files that load together with an entry: without what is loaded later by `import()`. */
export function reachedFrom(entry: string, imports: readonly Import[]): Import[] {
  const files = new Set([entry]);
  const reached: Import[] = [];
  for (const file of files) {
    for (const each of imports) {
      if (each.from !== file || each.dynamic) continue;
      reached.push(each);
      if (each.file !== undefined) files.add(each.file);
    }
  }
  return reached;
}

function roomFindings({ path }: Source): Finding[] {
  const room = roomOf(path);
  if (ROOMS.has(room)) return [];
  return [finding('unknown-room', path, 1, `lib/${room}/ is no room of the house: give it a place in ROOMS.`)];
}

function relativeFindings(each: Import, files: ReadonlySet<string>): Finding[] {
  if (each.file === undefined) return [];
  if (!files.has(each.file)) {
    return [found('unresolved', each, `${each.specifier} leads to ${each.file}, which is no source of lib/.`)];
  }
  const [from, to] = [roomOf(each.from), roomOf(each.file)];
  if (from === to || (each.file === VALUES && from !== 'tracking')) return [];
  if (ROOMS.get(from)?.includes(to)) return [];
  return [found('direction', each, `${from} may not import from ${to} (${each.file}), not even a type.`)];
}

function driverFindings(each: Import, doorNames: ReadonlySet<string>): Finding[] {
  if (each.package === 'bson') {
    return [found('bson-package', each, `'bson' is another copy of the classes: import them from ${VALUES}.`)];
  }
  if (each.package === undefined || each.from === VALUES) return [];
  const names = each.package === 'mongodb' ? each.names.filter((name) => doorNames.has(name)) : [];
  if (names.length > 0) {
    return [found('one-door', each, `${names.join(', ')} must be imported from ${VALUES}.`)];
  }
  if (IMPURE.some((pattern) => pattern.test(each.from))) return [];
  const driver = each.package === 'mongodb' && !(each.typeOnly && DRIVER_TYPES.test(each.from));
  if (!driver && !each.package.startsWith('@nestjs/')) return [];
  return [found('pure', each, `${each.from} is pure, and may not import '${each.package}'.`)];
}

function packageFindings(each: Import, manifest: Manifest): Finding[] {
  const computed = each.specifier === undefined || each.names.includes('createRequire');
  if (computed && !ALLOWED_COMPUTED.includes(each.from)) {
    return [found('computed', each, 'what is imported here cannot be read from the source: write the name out.')];
  }
  const name = each.package;
  if (name === undefined || name.startsWith('node:') || name === 'bson') return [];
  if (name in { ...manifest.dependencies, ...manifest.peerDependencies }) return [];
  return [found('undeclared', each, `'${name}' is neither a dependency nor a peer (builtins are named node:…).`)];
}

function entryFindings(imports: readonly Import[], manifest: Manifest): Finding[] {
  const declared = Object.entries(manifest.peerDependenciesMeta ?? {}).filter(([, meta]) => meta.optional);
  const optional = new Set([...OPTIONAL_PEERS, ...declared.map(([name]) => name)]);
  const early = reachedFrom(INDEX, imports).filter(
    (each) =>
      each.package !== undefined &&
      optional.has(each.package) &&
      !(each.typeOnly && ALLOWED_OPTIONAL_TYPES.includes(`${each.from} ${each.package}`)),
  );
  const peers = reachedFrom(TRACKING, imports).filter(
    (each) => each.package !== undefined && !each.package.startsWith('node:'),
  );
  return [
    ...early.map((each) =>
      found('optional-peer', each, `'${each.package}' is optional, and ${INDEX} loads this file: use await import().`),
    ),
    ...peers.map((each) =>
      found('needs-no-peer', each, `${TRACKING} works without any package, and loads '${each.package}' here.`),
    ),
  ];
}

function awaitFindings(source: Source): Finding[] {
  return topLevelAwaits(source).map((line) =>
    finding('top-level-await', source.path, line, 'a top-level await breaks require() of the whole library.'),
  );
}

function dependencyFindings(manifest: Manifest): Finding[] {
  return Object.keys(manifest.dependencies ?? {})
    .filter((name) => !ALLOWED_DEPENDENCIES.includes(name))
    .map((name) => finding('dependencies', 'package.json', 1, `'${name}' would be installed with every application.`));
}

function found(rule: Rule, { from, line }: Import, message: string): Finding {
  return finding(rule, from, line, message);
}

function finding(rule: Rule, file: string, line: number, message: string): Finding {
  return { rule, file, line, message };
}
