import { MongoClient } from 'mongodb';
import { CowError } from '../errors/index.js';
import {
  DEFAULT_CONNECTION,
  type CheckedOptions,
  type CowModuleAsyncOptions,
  type CowModuleOptions,
} from './options.js';
import { suggestionFor } from './suggestion.js';

/** What a value must be, in words, and whether it is. */
interface Rule {
  readonly expected: string;
  readonly holds: (value: unknown) => boolean;
}

const TEXT: Rule = { expected: 'a text that is not empty', holds: (v) => typeof v === 'string' && v.trim() !== '' };
const FLAG: Rule = { expected: 'true or false', holds: (v) => typeof v === 'boolean' };
const OBJECT: Rule = { expected: 'an object', holds: (v) => typeof v === 'object' && v !== null && !Array.isArray(v) };
const COUNT: Rule = {
  expected: 'a whole number of 0 or more',
  holds: (v) => Number.isSafeInteger(v) && Number(v) >= 0,
};
const FUNCTION: Rule = { expected: 'a function', holds: (v) => typeof v === 'function' };
const LIST: Rule = { expected: 'an array', holds: Array.isArray };
const DELAY: Rule = { expected: 'a number of ms, 0 or more', holds: (v) => Number.isFinite(v) && Number(v) >= 0 };
const DURATION: Rule = { expected: 'a number of ms above 0', holds: (v) => Number.isFinite(v) && Number(v) > 0 };

/** One of these texts. */
function oneOf(...values: readonly string[]): Rule {
  return {
    expected: values.map((value) => `'${value}'`).join(' or '),
    holds: (v) => typeof v === 'string' && values.includes(v),
  };
}

const RULES: Readonly<Record<keyof CowModuleOptions, Rule>> = {
  uri: TEXT,
  // Errors are told apart by their classes: those of another copy would not be recognised, and misreported.
  client: { expected: 'a MongoClient of the same copy of mongodb', holds: (value) => value instanceof MongoClient },
  database: TEXT,
  connectionName: TEXT,
  flush: oneOf('request', 'manual'),
  atomicity: oneOf('transaction', 'single-document'),
  flushTimeoutMS: DURATION,
  validate: FLAG,
  codeGeneration: FLAG,
  rawBatches: FLAG,
  outbox: TEXT,
  autoCreate: FLAG,
  retryAttempts: COUNT,
  retryDelay: DELAY,
  middleware: FLAG,
  unsafeResponses: oneOf('warn', 'refuse'),
  discardOnDisconnect: FLAG,
  conflictDetails: FLAG,
  clientOptions: OBJECT,
};

const ASYNC_RULES: Readonly<Record<keyof CowModuleAsyncOptions, Rule>> = {
  connectionName: TEXT,
  imports: LIST,
  inject: LIST,
  useFactory: FUNCTION,
  useClass: FUNCTION,
  useExisting: { expected: 'a class', holds: (value) => value !== undefined && value !== null },
};

/**
 * Checks the options of a connection and puts in the defaults.
 *
 * @throws InvalidOption naming the option that is unknown, of a wrong type, or contradicts another
 */
export function checkOptions(options: unknown, caller = 'forRoot()'): CheckedOptions {
  const given = checkRecord(options, RULES, caller) as CowModuleOptions;
  if (given.uri !== undefined && given.client !== undefined) {
    throw contradiction('client', '"uri" is given too', 'Give one of the two.');
  }
  if (given.client !== undefined && given.clientOptions !== undefined) {
    throw contradiction('clientOptions', '"client" is given too', 'Give them to that client.');
  }
  if (given.uri === undefined && given.client === undefined) {
    throw contradiction('uri', `${caller} was given neither "uri" nor "client"`, 'Give one of the two.');
  }
  return Object.freeze({
    connectionName: DEFAULT_CONNECTION,
    flush: 'request' as const,
    atomicity: 'transaction' as const,
    flushTimeoutMS: 20_000,
    validate: true,
    codeGeneration: true,
    rawBatches: true,
    autoCreate: true,
    retryAttempts: 9,
    retryDelay: 3_000,
    middleware: true,
    unsafeResponses: 'warn' as const,
    discardOnDisconnect: false,
    conflictDetails: false,
    ...given,
  });
}

/**
 * Checks what the factory of `forRootAsync()` answered.
 *
 * @param connectionName what `forRootAsync()` itself was given
 */
export function checkAsyncResult(options: unknown, connectionName: string): CheckedOptions {
  const checked = checkOptions(options, 'forRootAsync()');
  const { connectionName: own } = options as CowModuleOptions;
  if (own !== undefined && own !== connectionName) {
    throw contradiction(
      'connectionName',
      `the factory answered '${own}', and forRootAsync() has '${connectionName}'`,
      'Give it to forRootAsync() itself: tokens are made before the factory runs.',
    );
  }
  return Object.freeze({ ...checked, connectionName });
}

/** Checks the options of `forRootAsync()` itself. */
export function checkAsyncOptions(options: unknown): CowModuleAsyncOptions {
  const given = checkRecord(options, ASYNC_RULES, 'forRootAsync()') as CowModuleAsyncOptions;
  const ways = (['useFactory', 'useClass', 'useExisting'] as const).filter((way) => given[way] !== undefined);
  if (ways.length !== 1) {
    throw contradiction(
      ways[1] ?? 'useFactory',
      ways.length === 0 ? 'nothing says where the options come from' : `"${ways[0]}" is given too`,
      'Give one of useFactory, useClass and useExisting.',
    );
  }
  if (given.inject !== undefined && given.useFactory === undefined) {
    throw contradiction('inject', 'it is for useFactory', 'Inject in the constructor of the class.');
  }
  return given;
}

/** The options that are not `undefined`, each known and of its type. */
function checkRecord(options: unknown, rules: Readonly<Record<string, Rule>>, caller: string): object {
  if (!OBJECT.holds(options)) {
    throw contradiction(caller, 'it was given no options', `Give ${caller} an object of options.`);
  }
  const given = Object.entries(options as object).filter(([, value]) => value !== undefined);
  for (const [name, value] of given) checkValue(name, value, rules, caller);
  return Object.fromEntries(given);
}

/**
 * Checks one option.
 *
 * @throws InvalidOption
 */
function checkValue(name: string, value: unknown, rules: Readonly<Record<string, Rule>>, caller: string): void {
  const rule = Object.hasOwn(rules, name) ? rules[name] : undefined;
  if (rule === undefined) {
    const meant = suggestionFor(name, Object.keys(rules));
    const hint = meant === undefined ? `Options are ${Object.keys(rules).join(', ')}.` : `Did you mean "${meant}"?`;
    throw contradiction(name, `${caller} knows no such option`, hint);
  }
  if (rule.holds(value)) return;
  const meant = typeof value === 'string' ? suggestionFor(value, quoted(rule.expected)) : undefined;
  throw contradiction(
    name,
    `${caller} expects ${rule.expected}`,
    meant === undefined ? `Give ${rule.expected}.` : `Did you mean '${meant}'?`,
  );
}

function quoted(text: string): string[] {
  return [...text.matchAll(/'([^']+)'/g)].map((match) => match[1]!);
}

function contradiction(option: string, reason: string, expected: string): CowError {
  return new CowError('InvalidOption', { option, reason, expected });
}
