import { allSmall, smallDocuments } from '../support/small.mjs';

const WRITES = 10;
const READS = 100;

/** Try something on a fork, look at the result, and drop it. */
export default {
  name: 'fork-what-if',
  title: 'fork, 10 writes, 100 reads, drop, with 10,000 entities loaded, against deep-copying them',
  size: 10_000,
  tiny: READS,
  seed: smallDocuments,
  run: {
    async cow(world) {
      const { uow } = world;
      const { enter, loaded, close } = await allSmall(world);
      const run = () => {
        const fork = uow.fork();
        let sum = 0;
        for (let at = 0; at < WRITES; at++) fork.own(loaded[at]).field9 = at;
        for (let at = 0; at < READS; at++) sum += fork.own(loaded[at]).field9;
        fork.drop();
        return sum;
      };
      return { run: () => enter(run), close };
    },
    copy: (_, { seeded: { small } }) => {
      const plain = small.map(({ _id, ...document }) => ({ id: String(_id), ...document }));
      return () => {
        const copy = structuredClone(plain);
        let sum = 0;
        for (let at = 0; at < WRITES; at++) copy[at].field9 = at;
        for (let at = 0; at < READS; at++) sum += copy[at].field9;
        return sum;
      };
    },
  },
  expected: ({ seeded: { small } }) =>
    small.slice(0, READS).reduce((sum, { field9 }, at) => sum + (at < WRITES ? at : field9), 0),
};
