import { odmDocuments } from '../../data/odm.mjs';
import { holding } from './held.mjs';

/** Seed: as many small flat documents as wanted. */
export function smallDocuments({ size, bson }) {
  const { small } = odmDocuments(bson, undefined);
  return { small: Array.from({ length: size }, (_, at) => ({ _id: new bson.ObjectId(), ...small, field8: at })) };
}

/** An open unit of work with all small documents loaded, and nothing handed out. */
export function allSmall({ uow, repository, entities }) {
  return holding(uow, () => repository(entities.Small).find({}, { sort: { field8: 1 } }));
}

/** The unit of what copying costs: a Map of 10,000 entries, copied. */
export function copyingMap() {
  const map = new Map(Array.from({ length: 10_000 }, (_, at) => [`key ${at}`, { at }]));
  return () => {
    if (new Map(map).size !== map.size) throw new Error('not copied');
  };
}
