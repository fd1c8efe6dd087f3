import { BsonType } from '../bson/elements.js';
import type { RawValue } from '../bson/raw-value.js';
import type { Guard } from './change.js';
import { sameStored } from './same-stored.js';

/** The guards that the document, as it is now, does not satisfy. */
export function brokenGuards(document: RawValue, guards: readonly Guard[]): Guard[] {
  return guards.filter((guard) => !holds(document, guard));
}

function holds(document: RawValue, guard: Guard): boolean {
  const present = follow(document, guard.path);
  switch (guard.kind) {
    case 'object':
      return present?.type === BsonType.object;
    case 'array':
      return present?.type === BsonType.array;
    case 'value':
      return sameStored(present, guard.original);
    case 'absentKey':
      return elementsOf(present).every((element) => !hasKey(element, guard.key, guard.value));
    case 'element': {
      const [element, ...twins] = elementsOf(present).filter((one) => hasKey(one, guard.key, guard.value));
      if (element === undefined || twins.length > 0) return false;
      return guard.inner.kind === 'whole' ? sameStored(element, guard.inner.original) : holds(element, guard.inner);
    }
    case 'position':
      return sameStored(elementsOf(present)[guard.index], guard.original);
    case 'count':
      return elementsOf(present).filter((element) => sameStored(element, guard.value)).length === guard.count;
  }
}

function elementsOf(value: RawValue | undefined): RawValue[] {
  return value?.type === BsonType.array ? value.elements() : [];
}

function hasKey(element: RawValue, key: string, value: RawValue): boolean {
  return element.type === BsonType.object && sameStored(element.fields().get(key), value);
}

/** The value at a dotted path through objects. */
export function follow(document: RawValue, path: string): RawValue | undefined {
  let value: RawValue | undefined = document;
  for (const part of path.split('.')) {
    if (value?.type !== BsonType.object) return undefined;
    value = value.fields().get(part);
  }
  return value;
}
