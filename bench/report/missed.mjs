/** Why a target was missed, by case: what limits it, and what would be needed. */
export const MISSED = {
  'held-untouched':
    'the raw bytes of an order (844 B) are half of the driver’s object by themselves; what remains for the entity, its state ' +
    'and its place in the identity map is less than 100 B at 55 %.',
};
