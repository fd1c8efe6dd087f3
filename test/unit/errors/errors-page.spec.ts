import { readFile, writeFile } from 'node:fs/promises';
import { describe, expect, it } from '@jest/globals';
import { CowError, ERROR_TABLE, isCowError, type ErrorCode, type ErrorDetails } from '../../../lib/errors/index.js';

const PAGE = new URL('../../../docs/errors.md', import.meta.url);

/** What follows the table has tests of its own. */
const REST = '\n## The mistakes of the first hour\n';

/** Details that show where a text names what it is about. */
const EXAMPLE = {
  entity: 'Order',
  field: 'note',
  id: '65f0…',
  flushId: '4bd1…',
};

const [entity, field] = ['Order', 'total'];

/** Where a text should name something and does not. */
const HOLE = /"\?"| \? |: ?\.|clients \(\)|undefined|\.\./;

/** Of what a row tells beside it. */
const MORE: Partial<Record<ErrorCode, ErrorDetails>> = {
  InvalidMapping: { field, reason: 'its type cannot be known', expected: 'Write the type out, or @Prop(() => Type).' },
  InvalidOption: { option: 'flush', reason: "it is 'manuel'", expected: "Give 'request' or 'manual'." },
  ConnectionFailed: { option: '127.0.0.1:27017', reason: 'connect ECONNREFUSED 127.0.0.1:27017' },
  IndexNotCreated: { option: '{ email: 1 } unique', reason: 'it exists with another value of unique' },
  InvalidValue: { field, expected: 'a number', given: 'a string' },
  InvalidId: { given: 'A string', expected: 'an ObjectId, or its 24 hexadecimal digits' },
  ValidationFailed: { issues: [{ entity, field: 'email', message: 'email must be an email' }] },
  ReadOnlyViolation: { reason: 'this unit of work is read-only', expected: 'Remove @ReadOnly(), or the write.' },
  ImmutableField: { field: 'id', reason: 'it is the id' },
  InvalidQuery: { reason: 'Order declares no field "note"', expected: 'Name one of: id, customer, total.' },
  NoUnitOfWork: { option: 'Repository<Order>.find()' },
  UnexpectedUnitOfWork: { option: 'Jobs.nightly()' },
  UnsafeResponse: { option: 'OrdersController.download()' },
  NotStandalone: { option: 'reset()' },
  PendingChanges: { option: 'updateMany()' },
  ForkClosed: { option: 'fork 1', reason: 'dropped' },
  ForkedWrite: { option: 'flush()', reason: 'fork 1' },
  ForkConflict: { option: 'fork 1', issues: [{ message: 'Order 65f0… (note)' }] },
  ForeignFork: { option: 'fork 1' },
  HalfFlushed: { issues: [{ message: 'Order 65f0… was written' }] },
  PlanTooLarge: { field: 'meta', reason: 'it is nested deeper than 100 levels' },
  CrossConnectionFlush: { given: 'Order and Invoice' },
  TransactionsUnsupported: { option: '127.0.0.1:27017' },
  WriteRefused: { reason: 'code 13' },
};

function render(): string {
  const rows = (Object.keys(ERROR_TABLE) as ErrorCode[]).map((code) => {
    const details = { ...EXAMPLE, ...MORE[code] };
    const error = new CowError(code, details);
    const what = ERROR_TABLE[code].what(details).replaceAll('|', '\\|');
    return `| \`${code}\` | ${error.status} | ${what} | ${error.remedy.replaceAll('|', '\\|')} |`;
  });
  return [
    '# Errors',
    '',
    'Every error of the library is a `CowError` with a `code` of this table; `isCowError(error, code)` tells them apart.',
    'In a request it becomes an HTTP exception with the status, whose body has `statusCode`, `code`, `message`, `remedy`',
    'and, where they apply, `entity`, `id`, `field`, `issues` and `flushId`. Stored values are in it only with the option',
    '`conflictDetails`, which adds `details` to a conflict.',
    '',
    'This page is written by `npm run docs:errors` from `lib/errors/error-table.ts`; a test fails when it is out of date.',
    'Another raises every row by what an application can do or meet, and looks at its answer',
    '(`test/e2e/answers/raised-errors.spec.ts`).',
    '',
    '| code | status | says, for example | and what to do |',
    '| ---- | ------ | ----------------- | -------------- |',
    ...rows,
    '',
  ].join('\n');
}

describe('docs/errors.md', () => {
  it('is what the error table says (npm run docs:errors writes it)', async () => {
    const page = render();
    const [, rest = ''] = (await readFile(PAGE, 'utf8')).split(REST);
    if (process.env.UPDATE_DOCS === '1') await writeFile(PAGE, page + REST + rest);
    const [table] = (await readFile(PAGE, 'utf8')).split(REST);
    expect(table).toBe(page);
    expect(rest).toContain('<!-- misuse'); // written by test/e2e/misuse
    expect(page).not.toMatch(HOLE);
  });
});

describe('a text of the table', () => {
  it('has no hole where no reason is known', () => {
    for (const code of [
      'InvalidOption',
      'ConnectionFailed',
      'IndexNotCreated',
      'PlanTooLarge',
      'WriteRefused',
    ] as const) {
      expect(new CowError(code, { entity: 'Order', option: 'it' }).message).not.toMatch(HOLE);
    }
  });

  it("takes a reason that is another's sentence as its own", () => {
    const { message } = new CowError('ConnectionFailed', { option: 'a:1', reason: 'Authentication failed.' });
    expect(message).toContain('No connection to a:1: Authentication failed. Check');
  });
});

describe('CowError', () => {
  it('says what happened and what to do', () => {
    const error = new CowError('EntityNotFound', { entity: 'Order', id: '1' });
    expect(error.message).toBe(
      'No Order with the id 1 exists. Check the id or the filter; findById() and findOne() answer null instead of this error.',
    );
    expect(error).toMatchObject({
      name: 'EntityNotFound',
      code: 'EntityNotFound',
      status: 404,
      entity: 'Order',
      id: '1',
    });
  });

  it('is told apart by its code, and keeps its cause', () => {
    const cause = new Error('the server said so');
    const error: unknown = new CowError('DuplicateKey', {}, { cause });
    expect(isCowError(error)).toBe(true);
    expect(isCowError(error, 'DuplicateKey')).toBe(true);
    expect(isCowError(error, 'InvalidId')).toBe(false);
    expect(isCowError({ code: 'DuplicateKey' })).toBe(false);
    expect((error as Error).cause).toBe(cause);
  });
});
