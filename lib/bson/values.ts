/**
 * The one door to BSON's value classes. They come from `mongodb`, never from `bson`: imported as ESM that package is
 * another copy, whose classes fail `instanceof` against the application's own.
 */
export {
  BSON,
  BSONRegExp,
  BSONType,
  Binary,
  Code,
  DBRef,
  Decimal128,
  Double,
  Int32,
  Long,
  MaxKey,
  MinKey,
  ObjectId,
  Timestamp,
  UUID,
} from 'mongodb';
