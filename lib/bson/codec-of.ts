import type { FieldMap, ValueType } from '../mapping/index.js';
import type { ValueCodec } from './codec.js';
import { anyCodec } from './codecs/any.js';
import { arrayCodec, mapCodec, setCodec } from './codecs/collections.js';
import { embeddedCodec } from './codecs/embedded.js';
import { byKey, byPosition, byValue, noMatcher, type ElementMatcher } from './codecs/rebuild.js';
import { scalarCodec } from './codecs/scalar.js';
import { BsonType } from './elements.js';
import type { RawValue } from './raw-value.js';

const codecs = new WeakMap<ValueType, ValueCodec>();

/** The codec of a field. */
export function codecOfField(field: FieldMap): ValueCodec {
  return codecOf(field.type);
}

/** The codec of a type, composed once from those of its parts. */
export function codecOf(type: ValueType): ValueCodec {
  let codec = codecs.get(type);
  if (codec === undefined) {
    codec = compose(type);
    codecs.set(type, codec);
  }
  return codec;
}

function compose(type: ValueType): ValueCodec {
  switch (type.kind) {
    case 'any':
      return anyCodec;
    case 'array':
      return arrayCodec(codecOf(type.of), elementMatcher(type.of));
    case 'set':
      return setCodec(codecOf(type.of), elementMatcher(type.of));
    case 'map':
      return mapCodec(codecOf(type.of));
    case 'embedded':
      return embeddedCodec(type.map, codecOf);
    default:
      return scalarCodec(type.kind);
  }
}

/**
 * Elements with a key are found by it, values without parts by their value. Other elements have no bytes unless they
 * are the objects that were handed out: another object replaces the whole.
 */
function elementMatcher(type: ValueType): ElementMatcher {
  const key = type.kind === 'embedded' ? type.map.key : undefined;
  if (key === undefined) return byValue(codecOf(type), type.kind === 'any' ? byPosition : noMatcher);
  const keyIn = (element: RawValue) =>
    element.type === BsonType.object ? element.fields().get(key.stored) : undefined;
  return byValue(codecOf(type), byKey(codecOfField(key), key.property, keyIn));
}
