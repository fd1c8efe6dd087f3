import { anyCodec } from '../bson/codecs/any.js';
import { RawValue } from '../bson/raw-value.js';
import type { ConflictDetail } from '../errors/index.js';
import type { Guard } from './change.js';
import { follow } from './guard-check.js';
import type { Write } from './plan.js';

/**
 * What both sides say of each field that a conflict is about.
 *
 * @param stored the document as it is now; of one read in a transaction, its guarded fields
 */
export function conflictDetails(
  write: Write,
  broken: readonly Guard[],
  stored: RawValue | undefined,
): ConflictDetail[] {
  const ours = write.kind === 'update' ? RawValue.ofDocument(write.next) : undefined;
  const base = write.kind === 'update' ? RawValue.ofDocument(write.base) : undefined;
  const paths = new Map(broken.map((guard) => [guard.field, guard]));
  return [...paths.values()].map((guard) => ({
    entity: write.target.map.name,
    id: write.id,
    field: guard.field,
    original: shown(guard.kind === 'value' ? guard.original : base && follow(base, guard.path)),
    yours: shown(ours && follow(ours, guard.path)),
    theirs: shown(stored && follow(stored, guard.path)),
  }));
}

function shown(raw: RawValue | undefined): unknown {
  return raw && anyCodec.decode(raw, '');
}
