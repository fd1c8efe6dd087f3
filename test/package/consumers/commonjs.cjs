// A CommonJS application that has the library and its required peers, and none of the optional ones.
const assert = require('node:assert/strict');
const { dirname, join } = require('node:path');
const mongodb = require('mongodb');
const cow = require('nestjs-cow');
const { StateTracker } = require('nestjs-cow/tracking');

for (const name of ['CowModule', 'Entity', 'Id', 'Prop', 'Repository', 'UnitOfWork', 'InjectRepository']) {
  assert.equal(typeof cow[name], 'function', `nestjs-cow exports ${name}`);
}
assert.equal(typeof StateTracker, 'function');

const values = require(join(dirname(require.resolve('nestjs-cow')), 'bson/values.js'));
assert.ok(Object.keys(values).length > 0);
for (const [name, value] of Object.entries(values)) {
  assert.ok(value === mongodb[name], `${name} is the application's own`);
}

async function main() {
  const id = await new cow.ParseObjectIdPipe().transform('507f1f77bcf86cd799439011', { type: 'param' });
  assert.ok(id instanceof mongodb.ObjectId, 'an id that the library made is the application’s ObjectId');

  const imported = await import('nestjs-cow');
  assert.ok(imported.CowModule === cow.CowModule, 'required and imported, the library is one');
}

main().catch((error) => {
  console.error(error);
  process.exitCode = 1;
});
