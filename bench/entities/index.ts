export { Address, LineItem, Order } from './order.js';
export { Large, type LargeEntity } from './large.js';
export { Nested, Numbers, Texts } from './nested.js';
export { Small } from './small.js';
export { ValidatedOrder } from './validated-order.js';
export { Wide10, Wide50, Wide200, type WideEntity } from './wide.js';
