import { wideDocuments } from '../../data/wide.mjs';
import { clocked } from '../support/clock.mjs';
import { holding } from '../support/held.mjs';
import { allSmall, copyingMap, smallDocuments } from '../support/small.mjs';

const WRITES = 200;

/** A fork for each write: the entity becomes its own, and is written. */
function writing({ uow }, { enter, loaded, close }, field, value) {
  const run = () => {
    const { elapsed } = clocked(
      WRITES,
      (at) => ({ fork: uow.fork(), entity: loaded[at % loaded.length] }),
      ({ fork, entity }) => (fork.own(entity)[field] = value),
      ({ fork }) => fork.drop(),
    );
    return { elapsed: elapsed / WRITES };
  };
  return { run: () => enter(run), close };
}

const byEntities = [10, 1_000, 100_000].map((size) => ({
  name: `first-write-${size}`,
  title: `the first write to an entity after a fork, with ${size.toLocaleString('en')} entities loaded`,
  size,
  brief: Math.min(size, 20_000),
  minimum: 40,
  seed: smallDocuments,
  run: { cow: async (world) => writing(world, await allSmall(world), 'field9', 1), copy: copyingMap },
}));

const byFields = [10, 50, 200].map((fields) => ({
  name: `first-write-${fields}-fields`,
  title: `the first write to an entity of ${fields} fields after a fork`,
  size: 1_000,
  minimum: 40,
  seed: ({ size, bson }) => ({ [`wide_${fields}`]: wideDocuments(size, fields, bson) }),
  run: {
    async cow(world) {
      const { uow, repository, entities } = world;
      const held = await holding(uow, () => repository(entities[`Wide${fields}`]).find());
      return writing(world, held, 'field3', 'written');
    },
    copy: copyingMap,
  },
}));

export default [...byEntities, ...byFields];
