/**
 * The mutations of docs/tracking.md. Each is run on the order of `order.mjs`, through nestjs-cow by
 * test/integration/tracking-table, and through its peers by peers.mjs; each is written so that all of them understand
 * it. The title of a row is its code.
 *
 * @typedef {import('./order.mjs').BsonClasses} BsonClasses
 * @typedef {(order: any, bson: BsonClasses) => unknown} Mutation
 *
 * @typedef {object} RowOptions
 * @property {string} [given] what is different about the stored order, in words
 * @property {(order: any) => unknown} [stored] makes it so
 * @property {Mutation} [withoutMap] the same for a library that has no Map: to an object
 * @property {Mutation} [withoutSet] the same for a library that has no Set: to an array
 * @property {string[]} [fields] loads these fields only
 * @property {string} [except] a peer that cannot express it
 * @property {string} [refused] the code of the error with which nestjs-cow refuses it
 *
 * @typedef {RowOptions & { title: string, code: string, note: string, change: Mutation }} Row
 * @typedef {{ name: string, about: string, rows: Row[] }} Group
 */

/**
 * @param {Mutation} change
 * @param {RowOptions} [options]
 * @returns {Row}
 */
function row(change, options = {}) {
  const [code, note] = [codeOf(change), noteOf(options)];
  return { ...options, change, code, note, title: note === '' ? code : `${code} // ${note}` };
}

/** @param {any} order */
function sixPoints(order) {
  order.points = [1, 2, 3, 4, 5, 6].map((n) => ({
    x: n,
    y: n,
    label: `point number ${n}, with a long label `.repeat(3),
  }));
}

/** @type {Group[]} */
export const groups = [
  {
    name: 'Scalars',
    about: 'Fields without parts. `status` is declared with the default `new`. MikroORM stores a bigint as text.',
    rows: [
      row((order) => (order.note = 'leave it')),
      row((order) => (order.total += 0.25)),
      row((order) => order.count++),
      row((order) => (order.paid = true)),
      row((order, { ObjectId }) => (order.owner = new ObjectId('650000000000000000000002'))),
      row((order, { Decimal128 }) => (order.price = Decimal128.fromString('9.95'))),
      row((order) => (order.serial += 1n), { except: 'MikroORM' }), // it stores a bigint as text
      row((order) => {
        order.note = 'leave it';
        order.paid = true;
      }),
      row((order) => Object.assign(order, { note: 'leave it', paid: true, total: 12.5 })),
      row((order) => (order.note = '$total')),
      row((order) => (order.note = null)),
      row((order) => (order.note = undefined)),
      row((order) => delete order.note),
      row((order) => (order.note = 'leave it'), { given: 'there was none', stored: (order) => delete order.note }),
      row((order) => (order.note = 'leave it'), { given: 'it was null', stored: (order) => (order.note = null) }),
      row((order) => (order.note = undefined), { given: 'it was null', stored: (order) => (order.note = null) }),
      row((order) => (order.status = 'paid'), { given: 'there was none', stored: (order) => delete order.status }),
      row((order) => (order.note = 'leave it'), { given: 'no `status`', stored: (order) => delete order.status }),
    ],
  },
  {
    name: 'Nested objects',
    about: '`address` is an embedded class with an embedded `geo`; `payment` one of a union, told apart by `kind`.',
    rows: [
      row((order) => (order.address.city = 'Graz')),
      row((order) => (order.address.geo.lat = 47.1)),
      row((order) => {
        order.address.city = 'Graz';
        order.address.geo.lat = 47.1;
      }),
      row((order) => Object.assign(order.address, { city: 'Graz', street: 'Weg 2' })),
      row((order) => {
        const { geo } = order.address;
        geo.lat++;
      }),
      row((order) => delete order.address.geo),
      row((order) => (order.address.geo = undefined)),
      row((order) => (order.address.geo = { lat: 47.1, lon: 16.4 })),
      row((order) => (order.address.geo = { lat: 47.1, lon: 16.4 }), {
        given: 'there was none',
        stored: (order) => delete order.address.geo,
      }),
      row((order) => (order.address.geo.lat = 47.1), {
        given: '`lat` was missing',
        stored: (order) => delete order.address.geo.lat,
      }),
      row((order) => (order.address = { ...order.address, city: 'Graz' })),
      row((order) => (order.address = { street: 'Ring 1', city: 'Graz' })),
      row((order) => (order.address = undefined)),
      row((order) => delete order.address),
      row((order) => (order.billing = { street: 'Weg 2', city: 'Graz' })),
      row((order) => order.address.lines.push('3rd floor')),
      row((order) => (order.address.lines[0] = 'c/o Eve')),
      row((order) => (order.payment.number = '4242')),
      row((order) => (order.payment = { kind: 'card', number: '4242', holder: 'Ada' })),
      row((order) => (order.payment = { kind: 'transfer', iban: 'AT61' })),
    ],
  },
  {
    name: 'Arrays of scalars',
    about: '`tags` are strings, `scores` numbers, `grid` is an array of arrays.',
    rows: [
      row((order) => order.tags.push('hot')),
      row((order) => order.tags.push('hot', 'cheap')),
      row((order) => {
        order.tags.push('hot');
        order.tags.push('cheap');
      }),
      row((order) => (order.tags[order.tags.length] = 'hot')),
      row((order) => (order.tags = [...order.tags, 'hot'])),
      row((order) => order.extras.push('bag'), { given: 'it was empty', stored: (order) => (order.extras = []) }),
      row((order) => (order.extras = ['bag'])),
      row((order) => (order.extras = [])),
      row((order) => order.tags.unshift('hot')),
      row((order) => order.tags.splice(1, 0, 'hot', 'cheap')),
      row((order) => order.tags.pop()),
      row((order) => order.tags.shift()),
      row((order) => order.tags.splice(1, 1)),
      row((order) => order.tags.splice(0, 2)),
      row((order) => (order.tags.length = 1)),
      row((order) => (order.tags.length = 0)),
      row((order) => (order.tags = [])),
      row((order) => (order.tags = undefined)),
      row((order) => delete order.tags),
      row((order) => (order.tags = order.tags.filter((tag) => tag !== 'big'))),
      row((order) => order.tags.splice(1, 1), {
        given: "`['red', 'big', 'red', 'big']`",
        stored: (order) => (order.tags = ['red', 'big', 'red', 'big']),
      }),
      row((order) => (order.tags = order.tags.filter((tag) => tag !== 'big')), {
        given: "`['red', 'big', 'red', 'big']`",
        stored: (order) => (order.tags = ['red', 'big', 'red', 'big']),
      }),
      row((order) => (order.tags[1] = 'huge')),
      row((order) => {
        order.tags[0] = 'pink';
        order.tags[2] = 'old';
      }),
      row((order) => order.tags.splice(1, 1, 'huge')),
      row((order) => order.tags.splice(1, 1, 'huge', 'heavy')),
      row((order) => order.scores[1]++),
      row((order) => (order.scores = order.scores.map((score) => score + 1))),
      row((order) => order.scores.fill(0)),
      row((order) => order.scores.copyWithin(0, 1)),
      row((order) => order.tags.reverse()),
      row((order) => order.tags.sort()),
      row((order) => ([order.tags[0], order.tags[1]] = [order.tags[1], order.tags[0]])),
      row((order) => delete order.scores[1]),
      row((order) => (order.scores[5] = 1)),
      row((order) => {
        order.tags.shift();
        order.tags.push('hot');
      }),
      row((order) => {
        order.tags[0] = 'pink';
        order.tags.push('hot');
      }),
      row((order) => {
        order.tags.unshift('hot');
        order.tags.push('cheap');
      }),
      row((order) => (order.grid[0][1] = 9)),
      row((order) => order.grid[0].push(9)),
      row((order) => order.grid.push([5, 6])),
      row((order) => (order.grid[1].length = 0)),
    ],
  },
  {
    name: 'Elements with a key',
    about: "`items` are embedded objects with a key: `@Embedded({ key: 'sku' })`.",
    rows: [
      row((order) => order.items[1].qty++),
      row((order) => (order.items.find((item) => item.sku === 'c').qty = 9)),
      row((order) => (order.items[0].note = 'blue')),
      row((order) => (order.items[1].note = 'blue')),
      row((order) => delete order.items[0].note),
      row((order) => {
        order.items[0].qty++;
        order.items[2].note = 'small';
      }),
      row((order) => order.items.forEach((item) => item.qty++)),
      row((order) => order.items[1].marks.push('sale')),
      row((order) => (order.items[0].marks = ['sale'])),
      row((order) => (order.items[1] = { sku: 'b', qty: 9, marks: ['new'] })),
      row((order) => (order.items[1] = { sku: 'b', qty: 9 })),
      row((order) => (order.items[1] = { sku: 'z', qty: 9 })),
      row((order) => (order.items[1].sku = 'z')),
      row((order) => order.items.push({ sku: 'd', qty: 4 })),
      row((order) => order.items.push({ sku: 'd', qty: 4 }, { sku: 'e', qty: 5 })),
      row((order) => order.items.push({ sku: 'a', qty: 4 })),
      row((order) => order.items.unshift({ sku: 'd', qty: 4 })),
      row((order) => order.items.splice(1, 0, { sku: 'd', qty: 4 })),
      row((order) => order.items.pop()),
      row((order) => order.items.shift()),
      row((order) => order.items.splice(1, 1)),
      row((order) => (order.items = order.items.filter((item) => item.qty > 2))),
      row((order) => (order.items.length = 0)),
      row((order) => (order.items = [])),
      row((order) => (order.items = order.items.map((item) => ({ ...item, qty: item.qty + 1 })))),
      row((order) => order.items.reverse()),
      row((order) => order.items.sort((a, b) => b.qty - a.qty)),
      row((order) => {
        order.items[0].qty++;
        order.items.push({ sku: 'd', qty: 4 });
      }),
      row((order) => {
        order.items[0].qty++;
        order.items.pop();
      }),
      row((order) => {
        order.items.shift();
        order.items.push({ sku: 'd', qty: 4 });
      }),
      row((order) => {
        order.items.reverse();
        order.items[0].qty++;
      }),
      row((order) => order.items[1].qty++, {
        given: 'two items have the key',
        stored: (order) => (order.items[1].sku = 'a'),
      }),
    ],
  },
  {
    name: 'Elements without a key',
    about: '`points` are embedded objects that nothing identifies.',
    rows: [
      row((order) => (order.points[1].x = 5)),
      row((order) => (order.points[0].label = 'start')),
      row((order) => delete order.points[2].label),
      row((order) => {
        order.points[0].x++;
        order.points[2].y++;
      }),
      row((order) => (order.points[1] = { x: 9, y: 9 })),
      row((order) => order.points.push({ x: 4, y: 4 })),
      row((order) => (order.points = [...order.points, { x: 4, y: 4 }])),
      row((order) => order.points.unshift({ x: 0, y: 0 })),
      row((order) => order.points.splice(1, 0, { x: 0, y: 0 })),
      row((order) => order.points.pop()),
      row((order) => order.points.splice(1, 1)),
      row((order) => (order.points.length = 1)),
      row((order) => (order.points = [])),
      row((order) => order.points.reverse()),
      row((order) => order.points.forEach((point) => (point.x *= 2))),
      row((order) => {
        order.points[0].x++;
        order.points.push({ x: 4, y: 4 });
      }),
    ],
  },
  {
    name: 'Ends of long arrays',
    about:
      'Where saying what went is shorter than all that stays: six `points` with long labels. Two statements take a transaction; ' +
      'a small array is set whole instead, by one command.',
    rows: [
      row((order) => order.points.pop(), { given: 'six points', stored: sixPoints }),
      row((order) => order.points.shift(), { given: 'six points', stored: sixPoints }),
      row((order) => (order.points.length = 4), { given: 'six points', stored: sixPoints }),
      row((order) => order.points.splice(0, 2), { given: 'six points', stored: sixPoints }),
      row(
        (order) => {
          order.points[1].x = 9;
          order.points.push({ x: 7, y: 7 });
        },
        { given: 'six points', stored: sixPoints },
      ),
      row(
        (order) => {
          order.points[1].x = 9;
          order.points.pop();
        },
        { given: 'six points', stored: sixPoints },
      ),
    ],
  },
  {
    name: 'Map',
    about: '`stock` is a `Map` of numbers, `spots` one of embedded objects. MikroORM has no Map.',
    rows: [
      row((order) => order.stock.set('linz', 1), { withoutMap: (order) => (order.stock.linz = 1) }),
      row((order) => order.stock.set('wien', 8), { withoutMap: (order) => (order.stock.wien = 8) }),
      row((order) => order.stock.delete('wien'), { withoutMap: (order) => delete order.stock.wien }),
      row((order) => order.stock.clear(), {
        withoutMap: (order) => Object.keys(order.stock).forEach((key) => delete order.stock[key]),
      }),
      row(
        (order) => {
          order.stock.delete('wien');
          order.stock.set('linz', 7);
        },
        {
          withoutMap: (order) => {
            delete order.stock.wien;
            order.stock.linz = 7;
          },
        },
      ),
      row((order) => (order.stock = new Map([...order.stock, ['linz', 1]])), {
        withoutMap: (order) => (order.stock = { ...order.stock, linz: 1 }),
      }),
      row((order) => (order.stock = new Map([['linz', 1]])), { withoutMap: (order) => (order.stock = { linz: 1 }) }),
      row((order) => (order.stock = undefined)),
      row((order) => (order.stock = new Map([['linz', 1]])), {
        withoutMap: (order) => (order.stock = { linz: 1 }),
        given: 'there was none',
        stored: (order) => delete order.stock,
      }),
      row((order) => order.stock.set('7', 1), { withoutMap: (order) => (order.stock['7'] = 1) }),
      row((order) => order.stock.set('st.veit', 1), { withoutMap: (order) => (order.stock['st.veit'] = 1) }),
      row((order) => order.stock.set('$linz', 1), { withoutMap: (order) => (order.stock.$linz = 1) }),
      row((order) => order.stock.set('', 1), { withoutMap: (order) => (order.stock[''] = 1) }),
      row((order) => (order.spots.get('door').x = 2), { withoutMap: (order) => (order.spots.door.x = 2) }),
      row((order) => order.spots.set('gate', { x: 2, y: 2 }), {
        withoutMap: (order) => (order.spots.gate = { x: 2, y: 2 }),
      }),
      row((order) => order.spots.set('door', { x: 1, y: 2 }), {
        withoutMap: (order) => (order.spots.door = { x: 1, y: 2 }),
      }),
    ],
  },
  {
    name: 'Set',
    about: '`roles` is a `Set`, stored as an array. The peers have no Set.',
    rows: [
      row((order) => order.roles.add('guest'), { withoutSet: (order) => order.roles.push('guest') }),
      row((order) => order.roles.add('staff'), {
        withoutSet: (order) => order.roles.includes('staff') || order.roles.push('staff'),
      }),
      row((order) => order.roles.delete('staff'), {
        withoutSet: (order) => order.roles.splice(order.roles.indexOf('staff'), 1),
      }),
      row((order) => order.roles.clear(), { withoutSet: (order) => order.roles.splice(0) }),
      row(
        (order) => {
          order.roles.delete('staff');
          order.roles.add('guest');
        },
        {
          withoutSet: (order) => {
            order.roles.splice(order.roles.indexOf('staff'), 1);
            order.roles.push('guest');
          },
        },
      ),
      row((order) => (order.roles = new Set([...order.roles, 'guest'])), {
        withoutSet: (order) => (order.roles = [...order.roles, 'guest']),
      }),
      row((order) => (order.roles = new Set(['staff', 'admin'])), {
        withoutSet: (order) => (order.roles = ['staff', 'admin']),
      }),
    ],
  },
  {
    name: 'Date and binary',
    about: '`placedAt` is a `Date`, `reminders` an array of them, `data` a `Buffer`.',
    rows: [
      row((order) => (order.placedAt = new Date('2026-05-01T00:00:00Z'))),
      row((order) => order.placedAt.setUTCDate(3)),
      row((order) => order.placedAt.setTime(0)),
      row((order) => (order.placedAt = new Date(order.placedAt))),
      row((order) => (order.placedAt = undefined)),
      row((order) => order.reminders[0].setUTCFullYear(2027)),
      row((order) => order.reminders.push(new Date('2026-04-01T08:00:00Z'))),
      row((order) => order.reminders.pop()),
      row((order) => (order.data = Buffer.from([1, 2, 3, 5]))),
      row((order) => (order.data[0] = 9)),
      row((order) => order.data.fill(0)),
      row((order) => order.data.writeUInt16BE(9, 0)),
      row((order) => order.data.set([9, 9], 1)),
      row((order) => order.data.reverse()),
      row((order) => (order.data = Buffer.from(order.data))),
      row((order) => (order.data = order.data.subarray(1))),
      row((order) => delete order.data),
    ],
  },
  {
    name: 'Free-form values',
    about: '`meta` is declared as `Object` (`Mixed` in Mongoose, `json` in MikroORM): anything that BSON can hold.',
    rows: [
      row((order) => (order.meta.theme = 'light')),
      row((order) => (order.meta.size = 3)),
      row((order) => delete order.meta.theme),
      row((order) => (order.meta.flags.beta = false)),
      row((order) => delete order.meta.flags.beta),
      row((order) => (order.meta.flags = { beta: true, dark: true })),
      row((order) => (order.meta.flags = null)),
      row((order) => (order.meta.deep = { a: { b: 1 } })),
      row((order) => order.meta.list.push(4)),
      row((order) => (order.meta.list[1] = 9)),
      row((order) => (order.meta.list.length = 0)),
      row((order) => order.meta.list.splice(0, 1)),
      row((order) => (order.meta.list = { first: 1 })),
      row((order) => (order.meta.seenAt = new Date('2026-05-01T00:00:00Z'))),
      row((order) => (order.meta['7'] = 'seven')),
      row((order) => (order.meta['a.b'] = 1)),
      row((order) => (order.meta.$x = 1)),
      row((order) => (order.meta = { ...order.meta, theme: 'light' })),
      row((order) => (order.meta = { theme: 'light' })),
      row((order) => (order.meta = ['dark'])),
      row((order) => (order.meta = 'dark')),
    ],
  },
  {
    name: 'Moves',
    about: 'A value that goes somewhere else, or lies in two places.',
    rows: [
      row((order) => order.points.push(order.points.shift())),
      row((order) => order.items.push(order.items.shift())),
      row((order) => ([order.points[0], order.points[1]] = [order.points[1], order.points[0]])),
      row((order) => ([order.items[0], order.items[1]] = [order.items[1], order.items[0]])),
      row((order) => (order.billing = order.address)),
      row((order) => {
        order.billing = order.address;
        delete order.address;
      }),
      row((order) => {
        order.billing = order.address;
        order.billing.city = 'Graz';
      }),
      row((order) => ([order.address, order.billing] = [order.billing, order.address]), {
        given: '`billing` was an address too, with a field of its own',
        stored: (order) => (order.billing = { street: 'Weg 2', city: 'Graz', legacy: 4 }),
      }),
      row((order) => (order.address = order.billing), {
        given: '`billing` had nothing undeclared, nor had `address`',
        stored: (order) => {
          order.billing = { street: 'Weg 2', city: 'Wien' };
          order.address = { street: 'Ring 1', city: 'Wien' };
        },
      }),
      row(
        (order) => {
          const door = order.spots.get('door');
          order.spots.set('gate', door);
          order.spots.delete('door');
        },
        {
          withoutMap: (order) => {
            const { door } = order.spots;
            order.spots.gate = door;
            delete order.spots.door;
          },
        },
      ),
      row((order) => order.points.push(order.points[0])),
      row((order) => {
        order.points.push(order.points[0]);
        order.points[0].x = 9;
      }),
      row((order) => order.points.push(order.spots.get('door')), {
        withoutMap: (order) => order.points.push(order.spots.door),
      }),
      row((order) => (order.meta.home = order.address.geo)),
      row((order) => {
        order.extras = order.tags;
        order.extras.push('hot');
      }),
      row((order) => {
        order.note = order.customer;
        order.customer = 'Eve';
      }),
    ],
  },
  {
    name: 'Nothing, net',
    about: 'Reading, equal assignments, and changes that were taken back.',
    rows: [
      row((order) => JSON.stringify([order.address, order.items, order.meta])),
      row((order) => [...order.items].sort((a, b) => b.qty - a.qty)),
      row((order) => order.status, { given: 'there was none', stored: (order) => delete order.status }),
      row((order) => (order.status = 'new')),
      row((order) => {
        order.status = 'paid';
        order.status = 'new';
      }),
      row((order) => {
        delete order.note;
        order.note = 'ring twice';
      }),
      row((order) => Object.assign(order, { ...order })),
      row((order) => {
        order.address.city = 'Graz';
        order.address.city = 'Wien';
      }),
      row((order) => (order.address = { ...order.address })),
      row((order) => {
        order.tags.push('hot');
        order.tags.pop();
      }),
      row((order) => order.tags.reverse().reverse()),
      row((order) => (order.tags = [...order.tags])),
      row((order) => {
        order.items[0].qty++;
        order.items[0].qty--;
      }),
      row((order) => {
        order.items.push({ sku: 'd', qty: 4 });
        order.items.pop();
      }),
      row((order) => (order.items = order.items.map((item) => ({ ...item })))),
      row(
        (order) => {
          order.stock.set('linz', 1);
          order.stock.delete('linz');
        },
        {
          withoutMap: (order) => {
            order.stock.linz = 1;
            delete order.stock.linz;
          },
        },
      ),
      row((order) => {
        order.placedAt.setUTCDate(3);
        order.placedAt.setUTCDate(2);
      }),
      row((order) => {
        order.data[0] = 9;
        order.data[0] = 1;
      }),
      row((order) => {
        const { list, flags, theme } = order.meta;
        order.meta = { list, flags, theme };
      }),
      row((order) => {
        order.views++;
        order.views--;
      }),
    ],
  },
  {
    name: 'Partial loads',
    about:
      'The order was loaded with a projection. Whole root fields are loaded: `address.city` brings all of `address`.',
    rows: [
      row((order) => (order.note = 'leave it'), { fields: ['note', 'tags'] }),
      row((order) => order.tags.push('hot'), { fields: ['note', 'tags'] }),
      row((order) => (order.total = 13), { fields: ['note', 'tags'] }),
      row((order) => (order.total = 12.5), { fields: ['note', 'tags'] }),
      row((order) => (order.address = { street: 'Ring 1', city: 'Graz' }), { fields: ['note', 'tags'] }),
      row((order) => (order.tags = ['hot']), { fields: ['note'] }),
      row((order) => (order.note = order.customer + '!'), { fields: ['note', 'tags'], refused: 'FieldNotLoaded' }),
      row((order) => order.items.push({ sku: 'd', qty: 4 }), { fields: ['note', 'tags'], refused: 'FieldNotLoaded' }),
      row((order) => (order.address.city = 'Graz'), { fields: ['address.city'] }),
      row((order) => (order.address = { ...order.address, city: 'Graz' }), { fields: ['address.city'] }),
      row((order) => order.items[1].qty++, { fields: ['items.qty'] }),
    ],
  },
  {
    name: 'Merge fields',
    about:
      "`views` is declared `merge: 'sum'`, `best` `'max'`, `cheapest` `'min'`, `labels` `'set'`. The peers have ordinary fields.",
    rows: [
      row((order) => order.views++),
      row((order) => (order.views += 5)),
      row((order) => (order.views -= 3)),
      row((order) => (order.views += 0.5)),
      row((order) => (order.views = (order.views ?? 0) + 1), {
        given: 'there was none',
        stored: (order) => delete order.views,
      }),
      row((order) => delete order.views),
      row((order) => {
        order.views++;
        order.note = 'leave it';
      }),
      row((order) => (order.best = 9)),
      row((order) => (order.best = 3), { refused: 'InvalidValue' }),
      row((order) => (order.cheapest = 2)),
      row((order) => order.labels.push('z')),
      row((order) => order.labels.push('x')),
      row((order) => order.labels.splice(0, 1)),
      row((order) => {
        order.labels.splice(0, 1);
        order.labels.push('z');
      }),
      row((order) => order.labels.reverse()),
    ],
  },
];

export const rows = groups.flatMap((group) => group.rows);

/**
 * The code of a mutation on one line, as it stands above.
 *
 * @param {Mutation} change
 */
export function codeOf(change) {
  const body = String(change)
    .replace(/^\(.*?\) => /s, '')
    .replace(/\s+/g, ' ')
    .replace(/,? ([}\])])/g, (_, end) => (end === '}' ? ' }' : end))
    .replace(/([[(]) /g, '$1');
  const block = /^\{ (.*);\s*\}$/.exec(body)?.[1];
  if (block !== undefined) return block;
  return isInParentheses(body) ? body.slice(1, -1) : body;
}

/** @param {string} code */
function isInParentheses(code) {
  let depth = 0;
  for (const [index, character] of [...code].entries()) {
    if (character === '(') depth++;
    if (character === ')') depth--;
    if (depth === 0) return index > 0 && index === code.length - 1;
  }
  return false;
}

/**
 * What is special about the order that is loaded.
 *
 * @param {RowOptions} options
 */
function noteOf({ given, fields }) {
  return [fields && `${fields.map((field) => `\`${field}\``).join(', ')} loaded`, given].filter(Boolean).join('; ');
}
