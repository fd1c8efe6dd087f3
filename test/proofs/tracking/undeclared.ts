import { RawValue } from '../../../lib/bson/raw-value.js';
import { Card, Line, Place, Point, Transfer, type SubjectFields } from './subject.js';

/**
 * The oracle of what no class declares: where an object that was handed out lies, there lies what was undeclared in it,
 * byte for byte. It knows the stored bytes and which object is which, and nothing of what was sent.
 */

/** An object of a class, and the steps that lead to it by property and by stored name. */
interface At {
  readonly object: object;
  readonly stored: readonly (string | number)[];
}

type Undeclared = ReadonlyMap<string, RawValue>;

/** The undeclared parts of every object that was handed out, by the object. */
export type Held = ReadonlyMap<object, Undeclared>;

/** Names that some document of the proof has, and no class declares. */
const NAMES = ['zz', 'zip', 'hid'];

/** The stored name of a root field, by its property; undefined for what the class does not declare. */
export type StoredName = (property: string) => string | undefined;

/** Those of an object that lies in two places are not asked for: each place may have others. */
export function hold(entity: SubjectFields, bytes: Buffer, storedName: StoredName): Held {
  const held = new Map<object, Undeclared>();
  for (const { object, stored } of objectsOf(entity, storedName)) {
    const fields = held.has(object) ? undefined : follow(bytes, stored)?.fields();
    held.set(object, new Map([...(fields ?? [])].filter(([name]) => NAMES.includes(name))));
  }
  return held;
}

/** Those of objects that others are of, too. */
export function among(held: Held, others: Held): Held {
  return new Map([...held].filter(([object]) => others.has(object)));
}

/** What is not there any more; undefined where all is. */
export function lostOf(held: Held, entity: SubjectFields, bytes: Buffer, storedName: StoredName): string | undefined {
  for (const { object, stored } of objectsOf(entity, storedName)) {
    const fields = follow(bytes, stored)?.fields();
    for (const [name, was] of held.get(object) ?? []) {
      const is = fields?.get(name);
      if (is === undefined || !was.sameBytes(is)) return [...stored, name].join('.');
    }
  }
  return undefined;
}

/** The objects of classes that can be reached from an entity. */
function* objectsOf(entity: SubjectFields, storedName: StoredName): Generator<At> {
  for (const property of ['place', 'payment', 'lines', 'points', 'spots'] as const) {
    const stored = storedName(property);
    if (stored === undefined || !(property in entity)) continue; // a random class has some
    yield* inside((entity as unknown as Record<string, unknown>)[property], [stored]);
  }
}

function* inside(value: unknown, stored: readonly (string | number)[]): Generator<At> {
  if (Array.isArray(value)) {
    for (const [index, part] of value.entries()) yield* inside(part, [...stored, index]);
  } else if (value instanceof Map) {
    for (const [key, part] of value as Map<string, unknown>) yield* inside(part, [...stored, key]);
  } else if (value instanceof Place || value instanceof Line || value instanceof Card) {
    yield { object: value, stored };
    yield* inside(value.at, [...stored, 'at']);
  } else if (value instanceof Point || value instanceof Transfer) {
    yield { object: value, stored };
  }
}

function follow(bytes: Buffer, path: readonly (string | number)[]): RawValue | undefined {
  let here: RawValue | undefined = RawValue.ofDocument(bytes);
  for (const step of path) {
    if (here?.type !== OBJECT && here?.type !== ARRAY) return undefined;
    here = typeof step === 'number' ? here.elements()[step] : here.fields().get(step);
  }
  return here?.type === OBJECT ? here : undefined;
}

const OBJECT = 3;
const ARRAY = 4;
