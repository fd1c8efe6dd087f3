import { isDeepStrictEqual } from 'node:util';
import { Binary, Decimal128, Long, ObjectId, type Document } from 'mongodb';
import { comparable } from '../../../bench/tracking-rows/compare.mjs';
import { documentOf, mutationOf, outcomeOf } from '../../../bench/tracking-rows/measure.mjs';
import type { Row } from '../../../bench/tracking-rows/rows.mjs';
import { isCowError } from '../../../lib/errors/index.js';
import type { Guard } from '../../../lib/flush/change.js';
import { requireScope } from '../../../lib/unit-of-work/context.js';
import { planScope } from '../../../lib/unit-of-work/flush-conductor.js';
import type { ObservedCommand } from '../../support/mongo-commands.js';
import type { World } from '../support/world.js';
import { Order } from './order.js';

export const BSON_CLASSES = { Binary, Decimal128, Long, ObjectId };
const KINDS = { maps: true, sets: true };

/** One update of a command as it was sent. */
export interface Statement {
  readonly q: Document;
  readonly u: Document;
  readonly arrayFilters?: readonly Document[];
}

/** What a row came to. */
export interface RowResult {
  readonly outcome: ReturnType<typeof outcomeOf>;
  /** Code of the error when the library refused it. */
  readonly error: string | undefined;
  readonly sent: readonly Statement[];
  /** What had to hold, as planned. */
  readonly guards: readonly Guard[];
  /** Were the guards read and compared in a transaction? Else they are in the filter. */
  readonly isTransaction: boolean;
  /** The commands of a second flush. */
  readonly again: readonly string[];
  /** The properties that a new unit of work loads otherwise than the entity showed them. */
  readonly loadedOtherwise: readonly string[];
}

type Memory = Record<string, unknown>;
type Flushed = Omit<RowResult, 'outcome' | 'loadedOtherwise'> & { readonly memory: Memory };

/** Runs each row on a document of its own: loads it, changes it, flushes, and looks at what is there then. */
export async function runRows(world: World, rows: readonly Row[]): Promise<RowResult[]> {
  const documents = rows.map((row): Document => ({ _id: new ObjectId(), ...documentOf(row, BSON_CLASSES) }));
  await world.raw(Order).insertMany(documents);
  const ids = documents.map(({ _id }) => _id as ObjectId);

  const flushed: Flushed[] = [];
  for (const [index, row] of rows.entries()) flushed.push(await flushRow(world, row, ids[index]!));

  const options = { promoteBuffers: false, promoteLongs: false };
  const stored = await world.raw(Order).find({}, options).toArray();
  const databaseOf = (id: ObjectId) => stored.find(({ _id }) => id.equals(_id))!;
  const loaded = await loadAll(world, ids);
  return rows.map((row, index) => {
    const { memory, ...result } = flushed[index]!;
    if (result.error !== undefined) return { ...result, outcome: 'refused', loadedOtherwise: [] };
    const database = databaseOf(ids[index]!);
    const outcome = outcomeOf(row, { bson: BSON_CLASSES, kinds: KINDS, memory, database });
    return { ...result, outcome, loadedOtherwise: differences(row, memory, loaded[index]!) };
  });
}

async function flushRow(world: World, row: Row, id: ObjectId): Promise<Flushed> {
  const options = row.fields === undefined ? {} : { fields: row.fields as never };
  const result = { error: undefined, sent: [], guards: [], isTransaction: false, again: [], memory: {} };
  const guards = await plannedGuards(world, row, id);
  return world.uow.run(
    async () => {
      try {
        const order = (await world.repository(Order).getOne({ id }, options)) as unknown as Memory;
        world.commands.clear();
        mutationOf(row, KINDS)(order, BSON_CLASSES);
        await world.uow.flush();
        const sent = world.commands.all();
        world.commands.clear();
        const memory = { ...order };
        await world.uow.flush();
        const again = world.commands.all().map(({ name }) => name);
        return { ...result, ...whatWasSent(sent), guards, again, memory };
      } catch (error) {
        if (!isCowError(error)) throw error;
        return { ...result, ...whatWasSent(world.commands.all()), error: error.code };
      }
    },
    { flush: 'manual' },
  );
}

/** What the plan of the same change guards, of a document that was loaded whole: what is lacking is read first. */
async function plannedGuards(world: World, row: Row, id: ObjectId): Promise<Guard[]> {
  if (row.refused !== undefined) return [];
  return world.uow.run(
    async () => {
      mutationOf(row, KINDS)(await world.repository(Order).getById(id), BSON_CLASSES);
      const planned = planScope(requireScope('the table'));
      return planned.flatMap(({ write }) => ('guards' in write ? [...write.guards] : []));
    },
    { flush: 'manual' },
  );
}

function whatWasSent(commands: readonly ObservedCommand[]): Pick<RowResult, 'sent' | 'isTransaction'> {
  const updates = commands.flatMap(({ command }) => (command.updates ?? []) as Statement[]);
  return { sent: updates, isTransaction: commands.some(({ name }) => name === 'commitTransaction') };
}

async function loadAll(world: World, ids: readonly ObjectId[]): Promise<Memory[]> {
  return world.uow.run(async () =>
    (await world.repository(Order).findByIds(ids)).map((order) => ({ ...(order as unknown as Memory) })),
  );
}

/** A default that was removed is one again on the next load. */
function differences(row: Row, memory: Memory, loaded: Memory): string[] {
  const names = new Set([...Object.keys(memory), ...(row.fields === undefined ? Object.keys(loaded) : [])]);
  const isSame = (name: string) =>
    isDeepStrictEqual(comparable({ [name]: memory[name] }), comparable({ [name]: loaded[name] })) ||
    (name === 'status' && memory[name] === undefined);
  return [...names].filter((name) => !isSame(name));
}
