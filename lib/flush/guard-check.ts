import { BsonType, valueEnd } from '../bson/elements.js';
import type { RawValue } from '../bson/raw-value.js';
import type { Guard } from './change.js';
import { findField } from './find-field.js';
import { sameStored, storedText } from './same-stored.js';

/** The guards that the document, as it is now, does not satisfy. */
export function brokenGuards(document: RawValue, guards: readonly Guard[]): Guard[] {
  if (guards.length <= FEW && guards.every((guard) => isAsLoaded(document, guard))) return [];
  const present = new Parts(document);
  return guards.filter((guard) => !holds(present, guard));
}

/** More are looked up faster in a document that was taken apart. */
const FEW = 8;

/** Does a root field hold the very bytes that it was loaded with? Nearly all do, and the others may be equal yet. */
function isAsLoaded({ bytes, start }: RawValue, guard: Guard): boolean {
  if (guard.kind !== 'value' || guard.path.includes('.')) return false;
  const at = findField(bytes, start, guard.path);
  const { original } = guard;
  if (original === undefined || at < 0) return original === undefined && at < 0;
  const from = at + Buffer.byteLength(guard.path) + 2;
  if (bytes[at] !== original.type || valueEnd(bytes, original.type, from, bytes.length) - from !== original.size)
    return false;
  return bytes.compare(original.bytes, original.start, original.end, from, from + original.size) === 0;
}

/** The value at a dotted path through objects. */
export function follow(document: RawValue, path: string): RawValue | undefined {
  return new Parts(document).at(path);
}

function holds(document: Parts, guard: Guard): boolean {
  const present = document.at(guard.path);
  switch (guard.kind) {
    case 'object':
      return present?.type === BsonType.object;
    case 'array':
      return present?.type === BsonType.array;
    case 'value':
      return sameStored(present, guard.original);
    case 'absentKey':
      return document.elementsByKey(guard.path, guard.key, guard.value).length === 0;
    case 'element': {
      const [element, ...twins] = document.elementsByKey(guard.path, guard.key, guard.value);
      if (element === undefined || twins.length > 0) return false;
      if (guard.inner.kind === 'whole') return sameStored(element, guard.inner.original);
      return holds(document.inside(element), guard.inner);
    }
    case 'position':
      return sameStored(document.elements(guard.path)[guard.index], guard.original);
    case 'count': {
      const { length } = document.elements(guard.path).filter((element) => sameStored(element, guard.value));
      return guard.count === undefined ? length > 0 : length === guard.count;
    }
  }
}

/** A document taken apart once, however many guards look into the same part of it. */
class Parts {
  private readonly values = new Map<string, RawValue | undefined>();
  private readonly fields = new Map<RawValue, Map<string, RawValue>>();
  private readonly lists = new Map<string, readonly RawValue[]>();
  private readonly byKey = new Map<string, Map<string, RawValue[]>>();
  private readonly insides = new Map<RawValue, Parts>();

  constructor(private readonly document: RawValue) {}

  /** The value at a dotted path through objects. */
  at(path: string): RawValue | undefined {
    if (this.values.has(path)) return this.values.get(path);
    const dot = path.lastIndexOf('.');
    const parent = dot < 0 ? this.document : this.at(path.slice(0, dot));
    const value = parent?.type === BsonType.object ? this.fieldsOf(parent).get(path.slice(dot + 1)) : undefined;
    this.values.set(path, value);
    return value;
  }

  /** The elements of the array at a path; none for what is no array. */
  elements(path: string): readonly RawValue[] {
    let list = this.lists.get(path);
    if (list === undefined) {
      const value = this.at(path);
      list = value?.type === BsonType.array ? value.elements() : [];
      this.lists.set(path, list);
    }
    return list;
  }

  /** The objects in the array at a path that have the key. */
  elementsByKey(path: string, key: string, value: RawValue): readonly RawValue[] {
    const index = `${path} ${key}`;
    let groups = this.byKey.get(index);
    if (groups === undefined) {
      groups = new Map<string, RawValue[]>();
      for (const element of this.elements(path)) {
        const own = element.type === BsonType.object ? this.fieldsOf(element).get(key) : undefined;
        if (own === undefined) continue;
        const text = storedText(own);
        const group = groups.get(text);
        if (group === undefined) groups.set(text, [element]);
        else group.push(element);
      }
      this.byKey.set(index, groups);
    }
    const alike = groups.get(storedText(value)) ?? [];
    return alike.filter((element) => sameStored(this.fieldsOf(element).get(key), value));
  }

  /** An element, to be looked into in its turn. */
  inside(element: RawValue): Parts {
    let parts = this.insides.get(element);
    if (parts === undefined) this.insides.set(element, (parts = new Parts(element)));
    return parts;
  }

  private fieldsOf(value: RawValue): Map<string, RawValue> {
    let fields = this.fields.get(value);
    if (fields === undefined) this.fields.set(value, (fields = value.fields()));
    return fields;
  }
}
