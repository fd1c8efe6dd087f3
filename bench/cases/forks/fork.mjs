import { allSmall, copyingMap, smallDocuments } from '../support/small.mjs';

const FORKS = 500;

export default [10, 1_000, 100_000].map((size) => ({
  name: `fork-${size}`,
  title: `fork() with ${size.toLocaleString('en')} entities loaded, nothing handed out`,
  size,
  brief: Math.min(size, 20_000),
  minimum: 40,
  seed: smallDocuments,
  run: {
    async cow(world) {
      const { uow } = world;
      const { enter, close } = await allSmall(world);
      const forks = new Array(FORKS);
      return {
        run: () =>
          enter(() => {
            const start = performance.now();
            for (let at = 0; at < FORKS; at++) forks[at] = uow.fork();
            return { elapsed: (performance.now() - start) / FORKS };
          }),
        after: () => forks.forEach((fork) => fork.drop()),
        close,
      };
    },
    copy: copyingMap,
  },
}));
