/** Why a target was missed, by case: what limits it, and what would be needed. */
export const MISSED = {
  'find-two-fields':
    'a reply that is received and of which nothing is read (`find-received`) took 93 % of its CPU in a loop of its own: what is ' +
    'left are the sockets and the driver’s reply.',
  'find-all-fields':
    'half of it is garbage collection: a Proxy, a state and the values of each entity, and containers that are noted as handed ' +
    'out with all that lies in them. Noting only what is changed in place would need a Proxy for each container.',
  'find-readonly':
    'instances are made with the class’s prototype and a `toJSON` of their own, which hides from keys at a third of a ' +
    'microsecond each; a prototype between the two would show in `Object.getPrototypeOf`.',
  'held-untouched':
    'the raw bytes of an order (844 B) are half of the driver’s object by themselves. What remains is a Proxy, its target, a ' +
    'slot in the list and one in the identity map, about 90 B: 0.554 is the least that a Proxy for each entity allows.',
  'request-change-1000':
    'guards are read inside the transaction and compared, which no peer does: a round trip and 1,000 documents received a ' +
    'second time. Most of the rest is the server’s.',
  'odm-small-create': single(),
  'odm-small-find': finding(),
  'odm-foreign-find': finding(),
  'odm-nested-find': finding(),
  'odm-nested-find-array': finding(),
  'odm-small-update': single(),
  'odm-large-update': single(),
  'odm-nested-create': single(),
  'odm-nested-update': single(),
  'tracker-held-100': 'one object and a Map of the two originals: 2.0 to 2.1 % between runs.',
  'tracker-held-1000':
    'a record and a copy of it weigh the same: 50 % is the limit, and what is missing are the bytes of the tracker itself.',
  'union-one-side-1000':
    'both sides have handed out the entity: the receiver’s instance must show the new value, which is a write to a tracked ' +
    'entity, about a microsecond with the lookups (decision 11).',
  'fork-what-if':
    'a hundred entities get an instance of the fork, at about two thirds of a microsecond and 660 bytes each. In a loop it ' +
    'takes 65 µs, after a collection 90 (decision 14).',
};

/** A request that writes one document: what is around the command is the same for all of them. */
function single() {
  return (
    'planning a flush of one document takes 12 to 19 µs when it is hot; the rest is the unit of work around it, a session of ' +
    'its own and the timer of its deadline. The guard in the filter costs the server nothing that could be measured.'
  );
}

/** A request that reads one document. */
function finding() {
  return (
    'the round trip is nearly all of it; a unit of work is opened and ended around each, and the driver’s cursor is asked ' +
    'once more whether there is another document.'
  );
}
