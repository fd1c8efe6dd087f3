// An application that has the library and nothing else: no peer is installed.
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { StateTracker } from 'nestjs-cow/tracking';

for (const peer of ['mongodb', '@nestjs/common', 'reflect-metadata']) {
  assert.throws(() => import.meta.resolve(peer), { code: 'ERR_MODULE_NOT_FOUND' }, `${peer} is not installed`);
}

const record = { name: 'Ada', address: { city: 'London' }, tags: ['x'] };
const tracker = new StateTracker(record);
assert.equal(tracker.isModified(), false);
assert.deepEqual(tracker.changedFields(), []);

tracker.set('name', 'Grace');
tracker.get('address').city = 'Arlington';
assert.equal(tracker.isModified(), true);
assert.deepEqual(tracker.changedFields().sort(), ['address', 'name']);
assert.deepEqual(tracker.getOriginalValue('address'), { city: 'London' });
assert.deepEqual(tracker.getChanges(), { name: 'Grace', address: { city: 'Arlington' } });
assert.equal(record.name, 'Grace');

tracker.rollback();
assert.equal(tracker.isModified(), false);
assert.deepEqual(record, { name: 'Ada', address: { city: 'London' }, tags: ['x'] });

assert.equal(createRequire(import.meta.url)('nestjs-cow/tracking').StateTracker, StateTracker);
