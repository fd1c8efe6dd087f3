import { allSmall, smallDocuments } from '../support/small.mjs';

const READS = 500;

export default [1, 10, 100].map((depth) => ({
  name: `fork-read-${depth}`,
  title: `the first read of an entity through ${depth} ${depth === 1 ? 'layer' : 'layers'}`,
  size: 1_000,
  tiny: 600,
  minimum: 40,
  seed: smallDocuments,
  run: {
    async cow(world) {
      const { uow } = world;
      const { enter, loaded, close } = await allSmall(world);
      const chain = [];
      const run = (leaf) => {
        let sum = 0;
        const start = performance.now();
        for (let at = 0; at < READS; at++) sum += leaf.own(loaded[at]).field9;
        const elapsed = (performance.now() - start) / READS;
        if (!Number.isFinite(sum)) throw new Error('a field is missing');
        return { elapsed };
      };
      return {
        // Each level changes something, else there would be nothing to read through.
        before: () =>
          enter(() => {
            let leaf = uow;
            for (let level = 0; level < depth; level++) {
              leaf = leaf.fork();
              leaf.own(loaded[READS + (level % 100)]).field9 = level;
              chain.push(leaf);
            }
            leaf = leaf.fork();
            chain.push(leaf);
            return leaf;
          }),
        run: (leaf) => enter(() => run(leaf)),
        after: () => {
          for (const fork of chain.splice(0).reverse()) fork.drop();
        },
        close,
      };
    },
  },
}));
