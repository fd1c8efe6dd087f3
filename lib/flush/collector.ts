import type { RawValue } from '../bson/raw-value.js';
import type { Guard, PathChange } from './change.js';

/** Where a value lies: its stored path, its property path for messages, and what it reads as when missing. */
export interface Location {
  readonly path: string;
  readonly property: string;
  readonly missing?: unknown;
}

/** Gathers the changes and guards of one document. */
export class Collector {
  readonly changes: PathChange[] = [];
  private readonly byKey = new Map<string, Guard>();
  private elementNames: { next: number } = { next: 0 };

  constructor(
    /** Class name, for errors. */
    readonly entity: string,
    /** May a change take several updates? Without transactions it may not. */
    readonly mayTakeSeveral: boolean,
    /** Does the server compare strings byte by byte? Else no operator may be used that compares. */
    readonly isExact = true,
  ) {}

  get guards(): readonly Guard[] {
    return [...this.byKey.values()];
  }

  guard(guard: Guard): void {
    this.byKey.set(keyOf(guard), guard);
  }

  /** A collector for the inside of an array's element; its results are translated by the caller. */
  inside(): Collector {
    const inner = new Collector(this.entity, this.mayTakeSeveral, this.isExact);
    inner.elementNames = this.elementNames;
    return inner;
  }

  /** Takes over the changes and guards of another. */
  take(other: Collector): void {
    for (const [key, guard] of other.byKey) this.byKey.set(key, guard);
    this.changes.push(...other.changes);
  }

  /** An identifier for `$[…]` that is unique in the document's updates. */
  elementName(): string {
    return `e${this.elementNames.next++}`;
  }

  setWhole(original: RawValue | undefined, value: unknown, at: Location): void {
    this.changes.push({ op: '$set', path: at.path, value });
    this.guard({ kind: 'value', path: at.path, field: at.property, original });
  }
}

/** Guards of one kind on one thing are one guard. */
function keyOf(guard: Guard): string {
  const part = (raw: RawValue) => `${raw.type} ${raw.bytes.toString('latin1', raw.start, raw.end)}`;
  switch (guard.kind) {
    case 'absentKey':
    case 'count':
      return `${guard.kind} ${guard.path} ${part(guard.value)}`;
    case 'position':
      return `${guard.kind} ${guard.path} ${guard.index}`;
    case 'element':
      return `${guard.kind} ${guard.path} ${part(guard.value)} ${guard.inner.kind === 'whole' ? '' : keyOf(guard.inner)}`;
    default:
      return `${guard.kind} ${guard.path}`;
  }
}
