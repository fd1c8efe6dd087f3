export enum OrderStatus {
  Open = 'open',
  Paid = 'paid',
  Shipped = 'shipped',
  Cancelled = 'cancelled',
}
