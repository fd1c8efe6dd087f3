export { ORDERS, OrdersController, type Orders } from './orders.controller.js';
