/** @type {import('jest').Config} */
export default {
  testEnvironment: 'node',
  testMatch: ['<rootDir>/test/**/*.spec.ts'],
  extensionsToTreatAsEsm: ['.ts'],
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': '$1' },
  transform: { '^.+\\.ts$': ['ts-jest', { useESM: true }] },
  globalSetup: '<rootDir>/test/support/mongo-setup.mjs',
  globalTeardown: '<rootDir>/test/support/mongo-teardown.mjs',
  maxWorkers: 2,
  // Only with --coverage: `npm run test:coverage`, which CI runs.
  collectCoverageFrom: ['lib/tracking/**/*.ts'],
  coverageThreshold: { './lib/tracking/': { lines: 100, branches: 100, functions: 100, statements: 100 } },
  testTimeout: 30_000, // machines are shared: a slow one is no failure
};
