import { Place, type ValueCodec } from '../bson/codec.js';
import { anyCodec } from '../bson/codecs/any.js';
import { codecOf, codecOfField } from '../bson/codec-of.js';
import { variantOfStored } from '../bson/codecs/embedded.js';
import { BsonType } from '../bson/elements.js';
import { RawValue, encodeDocument, encodeValue, underName } from '../bson/raw-value.js';
import { isCowError } from '../errors/index.js';
import { advance } from '../flush/advance.js';
import { Collector } from '../flush/collector.js';
import { mergeChanges } from '../flush/merge.js';
import type { EmbeddedMap, FieldMap, ValueType } from '../mapping/index.js';
import { mergeArray, mergeMembers } from './union-arrays.js';
import type { OnConflict, UnionConflict } from './union-conflict.js';

/** A stored value; undefined where there is none. */
export type Stored = RawValue | undefined;

/** A value as the original, the receiver and the other side have it. */
export interface Three {
  readonly original: Stored;
  readonly ours: Stored;
  readonly theirs: Stored;
}

const ANY: ValueType = { kind: 'any' };

/**
 * Three-way merge of stored values, by the rules of a flush: what one side changed wins, disjoint changes combine,
 * sums add, appends are concatenated, keyed elements merge by key. Gathers the conflicts of one document, or resolves
 * each as it is met.
 */
export class Merge {
  constructor(
    private readonly entity: string,
    private readonly id: string,
    private readonly onConflict: OnConflict | 'original',
    readonly conflicts: UnionConflict[],
  ) {}

  /** A declared field. `missing` is what it reads as where it is not stored. */
  field(field: FieldMap, three: Three, path: string, missing?: unknown): Stored {
    const codec = codecOfField(field);
    const settled = settle(codec, three);
    if (settled !== undefined) return settled.value;
    if (field.merge === 'set') {
      const members = mergeMembers((field.type as { of: ValueType }).of, withDefault(codec, three, missing));
      if (members !== undefined) return members;
    } else if (field.merge !== undefined) {
      const merged = this.byOperator(field, three);
      if (merged !== undefined) return merged;
    }
    return this.changedByBoth(field.type, codec, withDefault(codec, three, missing), path);
  }

  value(type: ValueType, three: Three, path: string): Stored {
    const codec = codecOf(type);
    const settled = settle(codec, three);
    return settled === undefined ? this.changedByBoth(type, codec, three, path) : settled.value;
  }

  private changedByBoth(type: ValueType, codec: ValueCodec, three: Three, path: string): Stored {
    const inside = this.inside(type, three, path);
    if (inside !== undefined) return inside;
    if (sameStored(codec, three.ours, three.theirs)) return three.ours;
    return this.conflict(three, path, codec);
  }

  /** What the operator of a commuting field makes of both changes; undefined where it does not apply. */
  private byOperator(field: FieldMap, { original, ours, theirs }: Three): Stored {
    const codec = codecOfField(field);
    const read = (raw: Stored) => (raw === undefined ? undefined : codec.decode(raw, this.entity));
    const change = (from: Stored, to: Stored) =>
      mergeChanges(new Collector(this.entity, true), field, read(from), read(to), 'v');
    try {
      const changes = change(original, theirs);
      // A side whose own change does not commute (a removal, null) has no operator to combine with.
      if (changes === undefined || change(original, ours) === undefined) return undefined;
      const document = encodeDocument(ours === undefined ? {} : { v: ours });
      return RawValue.ofDocument(advance(RawValue.ofDocument(document), changes))
        .fields()
        .get('v');
    } catch (error) {
      if (isCowError(error, 'InvalidValue')) return undefined; // against the direction: an ordinary change
      throw error;
    }
  }

  private inside(type: ValueType, three: Three, path: string): Stored {
    const { original, ours, theirs } = three;
    if (type.kind === 'set') return mergeMembers(type.of, three);
    const kinds = [original?.type, ours?.type, theirs?.type];
    if (kinds.every((kind) => kind === BsonType.array)) {
      const of = type.kind === 'array' ? type.of : type.kind === 'any' ? ANY : undefined;
      return of && mergeArray(this, of, three as Record<keyof Three, RawValue>, path);
    }
    if (!kinds.every((kind) => kind === BsonType.object)) return undefined;
    const [a, b, c] = [original!, ours!, theirs!].map((raw) => raw.fields()) as unknown as [Fields, Fields, Fields];
    switch (type.kind) {
      case 'embedded':
        return this.embedded(type.map, a, b, c, path);
      case 'map':
        return this.entries(a, b, c, (name, one) => this.value(type.of, one, `${path}.${name}`));
      case 'any':
        return this.entries(a, b, c, (name, one) => this.value(ANY, one, `${path}.${name}`));
      default:
        return undefined;
    }
  }

  /** Field by field, where all three are of one class; what the class does not declare is merged as it is stored. */
  private embedded(map: EmbeddedMap, original: Fields, ours: Fields, theirs: Fields, path: string): Stored {
    const variant = variantOfStored(map, ours);
    if (variantOfStored(map, original) !== variant || variantOfStored(map, theirs) !== variant) return undefined;
    return this.entries(original, ours, theirs, (name, one) => {
      const field = variant.byStored.get(name);
      if (field === undefined) return this.value(ANY, one, `${path}.${name}`);
      return this.field(field, one, `${path}.${field.property}`, variant.defaults.get(field.property));
    });
  }

  private entries(
    original: Fields,
    ours: Fields,
    theirs: Fields,
    merge: (name: string, three: Three) => Stored,
  ): RawValue {
    const merged = new Map<string, unknown>();
    for (const name of new Set([...ours.keys(), ...theirs.keys(), ...original.keys()])) {
      const three = { original: original.get(name), ours: ours.get(name), theirs: theirs.get(name) };
      const value = merge(name, three);
      if (value !== undefined) merged.set(name, underName(name, value));
    }
    return encodeValue(merged);
  }

  /** Notes a conflict, or takes what was decided for it. */
  conflict({ original, ours, theirs }: Three, path: string, codec: ValueCodec = anyCodec): Stored {
    if (this.onConflict === 'original') return original;
    if (this.onConflict === 'ours') return ours;
    if (this.onConflict === 'theirs') return theirs;
    const read = (raw: Stored) => (raw === undefined ? undefined : codec.decode(raw, this.entity));
    const conflict: UnionConflict = {
      entity: this.entity,
      id: this.id,
      path,
      original: read(original),
      ours: read(ours),
      theirs: read(theirs),
    };
    if (typeof this.onConflict === 'function') {
      const value = this.onConflict(conflict);
      if (value === undefined) return undefined;
      return encodeValue(value === null ? null : codec.encode(value, new Place(this.entity, path)));
    }
    this.conflicts.push(conflict);
    return ours;
  }
}

type Fields = ReadonlyMap<string, RawValue>;

/** The outcome where at most one side changed. */
function settle(codec: ValueCodec, { original, ours, theirs }: Three): { value: Stored } | undefined {
  if (sameStored(codec, original, theirs)) return { value: ours };
  if (sameStored(codec, original, ours)) return { value: theirs };
  return undefined;
}

/** A list that is missing and reads as one is a list to append to. */
function withDefault(codec: ValueCodec, three: Three, missing: unknown): Three {
  if (typeof missing !== 'object' || missing === null) return three;
  const stored = encodeValue(codec.encode(missing, new Place('')));
  const { original = stored, ours, theirs } = three;
  return { original, ours, theirs };
}

/** Equal as stored: by bytes, else by value. */
export function sameStored(codec: ValueCodec, a: Stored, b: Stored): boolean {
  if (a === b) return true;
  if (a === undefined || b === undefined) return false;
  return a.sameBytes(b) || codec.equals(codec.decode(a, ''), codec.decode(b, ''));
}
