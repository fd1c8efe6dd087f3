import { orders } from '../../data/orders.mjs';
import { allHave, changing } from '../support/change.mjs';

export default [1, 100, 1_000].map((size) => ({
  name: `request-change-${size}`,
  title: `load ${size.toLocaleString('en')}, change one field of each, flush`,
  size,
  brief: Math.min(size, 500),
  seed: (at) => ({ orders: orders(at.size, at.bson) }),
  run: changing(),
  verify: allHave,
}));
