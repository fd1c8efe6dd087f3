import { AsyncLocalStorage } from 'node:async_hooks';

/**
 * A unit of work that stays open, so that single calls in it can be measured.
 *
 * @template T
 * @param {any} uow
 * @param {() => Promise<T>} load
 * @returns {Promise<{ loaded: T, enter: <R>(fn: () => R) => R, close: () => Promise<void> }>}
 */
export async function holding(uow, load) {
  let close;
  let running;
  const [loaded, enter] = await new Promise((resolve, reject) => {
    running = uow.run(
      async () => {
        resolve([await load(), AsyncLocalStorage.snapshot()]);
        await new Promise((end) => (close = end));
      },
      { flush: 'manual' },
    );
    running.catch(reject);
  });
  return {
    loaded,
    enter,
    close: async () => {
      close();
      await running;
    },
  };
}
