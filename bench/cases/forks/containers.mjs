import { orders } from '../../data/orders.mjs';
import { holding } from '../support/held.mjs';
import { copyingMap } from '../support/small.mjs';

export default {
  name: 'fork-100-containers',
  title: 'fork() with 100 containers handed out',
  size: 100,
  tiny: 100,
  minimum: 40,
  seed: ({ size, bson }) => ({ orders: orders(size, bson) }),
  run: {
    async cow({ uow, repository, entities }) {
      const { enter, loaded, close } = await holding(uow, () => repository(entities.Order).find());
      const containers = loaded.map(({ address }) => address);
      return {
        run: () => enter(() => uow.fork()),
        after(fork) {
          fork.drop();
          if (containers.length !== 100) throw new Error('they are to be held');
        },
        close,
      };
    },
    copy: copyingMap,
  },
};
