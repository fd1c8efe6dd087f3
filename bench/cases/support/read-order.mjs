/** Reads two fields of each order. @param {any[]} orders */
export function readTwo(orders) {
  let sum = 0;
  for (const order of orders) if (order.status !== 'closed') sum += order.total;
  return sum;
}

/** Reads every field of each order, and every part of them. @param {any[]} orders */
export function readAll(orders) {
  let sum = 0;
  for (const order of orders) sum += readOne(order);
  return sum;
}

function readOne(order) {
  const { address } = order;
  let sum = order.number + order.total + order.priority + order.placedAt.getTime() / 1e6 + (order.paid ? 1 : 0);
  sum += order.customer.length + order.email.length + order.status.length + order.currency.length;
  sum += address.street.length + address.city.length + address.zip.length + address.country.length;
  for (const item of order.items) sum += item.sku.length + item.name.length + item.qty + item.price;
  return Math.round(sum);
}
