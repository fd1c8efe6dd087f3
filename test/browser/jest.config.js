import base from '../../jest.config.js';

/** The page in a real browser: `npm run test:browser`. Not among `npm test`, which needs none. */
/** @type {import('jest').Config} */
export default {
  ...base,
  rootDir: '../..',
  testMatch: ['<rootDir>/test/browser/**/*.browser.ts'],
  maxWorkers: 1, // a browser, a server and MongoDB share the machine
  testTimeout: 600_000, // which may be a slow one: nothing here waits longer than it must
};
