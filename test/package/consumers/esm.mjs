// An ESM application that has the library and its required peers, and none of the optional ones.
import assert from 'node:assert/strict';
import * as mongodb from 'mongodb';
import * as cow from 'nestjs-cow';
import { StateTracker } from 'nestjs-cow/tracking';

for (const name of ['CowModule', 'Entity', 'Id', 'Prop', 'Repository', 'UnitOfWork', 'InjectRepository']) {
  assert.equal(typeof cow[name], 'function', `nestjs-cow exports ${name}`);
}
assert.equal(typeof StateTracker, 'function');

const values = await import(new URL('./bson/values.js', import.meta.resolve('nestjs-cow')));
assert.ok(Object.keys(values).length > 0);
for (const [name, value] of Object.entries(values)) {
  assert.ok(value === mongodb[name], `${name} is the application's own`);
}

const id = await new cow.ParseObjectIdPipe().transform('507f1f77bcf86cd799439011', { type: 'param' });
assert.ok(id instanceof mongodb.ObjectId, 'an id that the library made is the application’s ObjectId');
