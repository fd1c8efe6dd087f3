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
    'guards are read inside the transaction and compared, which the driver’s unguarded bulk write does not do: a round trip and ' +
    '1,000 documents received a second time.',
  'update-by-id':
    'bound by the server: a raw command that was built beforehand takes as long. Each thousand is one transaction here, which ' +
    'Mongoose’s bulk write is not.',
  'odm-small-create': single(),
  'odm-small-update': single(),
  'odm-large-update': single(),
  'odm-nested-create': single(),
  'odm-nested-update': single(),
  'tracker-change-50':
    'in a loop of its own it is 19 times as fast; why the benchmark, whose samples are shorter, shows less is not known yet.',
  'tracker-rollback-50':
    'five plain assignments by name take as long as the whole rollback does in a loop of its own (90 and 81 ns).',
  'tracker-held-100': 'within a hundredth of the target: one object and a Map of the two originals.',
  'tracker-held-1000':
    'a record and a copy of it weigh the same: 50 % is the limit, and what is missing are the bytes of the tracker itself.',
  'union-unchanged-1000':
    'in a loop of its own a union of an unchanged fork takes 50 to 100 ns; here it is 200 of them a sample, and the look for ' +
    'the current unit of work is part of it.',
  'union-one-side-1000':
    'both sides have handed out the entity: the receiver’s instance must show the new value, which is a write to a tracked ' +
    'entity, about a microsecond with the lookups (decision 11).',
  'fork-100-containers': 'each container that was handed out is compared with its bytes.',
  'union-100-both': 'about 3 µs for each entity that both sides changed; a third of it is the receiver’s write.',
  'fork-what-if': 'a hundred entities get an instance of the fork, at about a microsecond each.',
  'union-100-of-100000': 'the same 3 µs for each changed entity; the others are not looked at.',
};

/** A request that writes one document: what is around the command is the same for all of them. */
function single() {
  return (
    'planning a flush of one document takes 12 to 19 µs when it is hot; the rest of the difference is the unit of work around ' +
    'each. That its code is rarely hot here is suspected, not proved.'
  );
}
