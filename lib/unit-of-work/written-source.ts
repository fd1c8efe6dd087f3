import { RawValue } from '../bson/raw-value.js';
import { written } from '../bson/writing/byte-buffer.js';
import { putElement } from '../bson/writing/element-writer.js';
import { advance, combined } from '../flush/advance.js';
import type { PathChange } from '../flush/change.js';
import type { FieldMap } from '../mapping/index.js';
import { DocumentSource } from './document-source.js';

/** To copy less costs less than to remember what was written, in bytes. */
const LARGE = 64 * 1024;

/** The value of a field that was written, in a document of this one field: it has its type and name before it. */
type Patch = RawValue;

/**
 * A large document after flushes that wrote fields of it: its bytes as they were loaded, and the values that were sent.
 * The two are put together when all of it is asked for: to copy megabytes costs more than to send one field.
 */
export class WrittenSource extends DocumentSource {
  private whole: Buffer | undefined;

  private constructor(
    private readonly under: DocumentSource,
    private readonly patches: ReadonlyMap<FieldMap, Patch>,
    private readonly length: number,
  ) {
    super(under.codec, under.page, under.loaded, under.start);
  }

  /** Undefined where the document is small, or the changes are more than new values of fields that it has. */
  static of(base: DocumentSource, changes: readonly PathChange[]): WrittenSource | undefined {
    if (base.size < LARGE) return undefined;
    const [under, before] = base instanceof WrittenSource ? [base.under, base.patches] : [base, undefined];
    const patches = new Map(before);
    let { size } = base;
    for (const change of changes) {
      const field = base.codec.map.byStored.get(change.path);
      const present = field && base.raw(field);
      const patch = present && patchOf(change, present);
      if (patch === undefined) return undefined;
      patches.set(field!, patch);
      size += patch.size - present!.size;
    }
    return new WrittenSource(under, patches, size);
  }

  override get size(): number {
    return this.length;
  }

  override get bytes(): Buffer {
    this.whole ??= advance(
      RawValue.ofDocument(this.page, this.start),
      Array.from(this.patches, ([{ stored }, value]) => ({ op: '$set', path: stored, value })),
    );
    return this.whole;
  }

  override has(property: string): boolean {
    return this.patch(property) !== undefined ? this.isLoaded(property) : super.has(property);
  }

  override read(property: string): unknown {
    const patch = this.isLoaded(property) ? this.patch(property) : undefined;
    return patch === undefined ? super.read(property) : this.codec.decode(this.field(property), patch);
  }

  override readAhead(): void {
    // the bytes alone do not tell
  }

  override isSurely(property: string, value: unknown): boolean {
    const patch = this.isLoaded(property) ? this.patch(property) : undefined;
    if (patch === undefined) return super.isSurely(property, value);
    return this.codec.isSurely(this.field(property), patch.bytes, patch.start, value);
  }

  override raw(field: FieldMap): RawValue | undefined {
    return this.patches.get(field) ?? super.raw(field);
  }

  override writeJson(...parameters: Parameters<DocumentSource['writeJson']>): void {
    new DocumentSource(this.codec, this.bytes, this.loaded).writeJson(...parameters);
  }

  private patch(property: string): Patch | undefined {
    return this.patches.get(this.field(property));
  }
}

/** The value after a change of a whole field, in a document of its own. */
function patchOf(change: PathChange, present: RawValue): Patch | undefined {
  let value: unknown;
  switch (change.op) {
    case '$set':
      ({ value } = change);
      break;
    case '$inc':
    case '$max':
    case '$min':
      value = combined(change.op, present, change.value);
      break;
    default:
      return undefined;
  }
  const bytes = written((out) => {
    const start = out.open();
    putElement(out, change.path, value);
    out.close(start);
  });
  const valueStart = 4 + 1 + Buffer.byteLength(change.path) + 1;
  return new RawValue(bytes[4]!, bytes, valueStart, bytes.length - 1);
}
