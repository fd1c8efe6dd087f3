/** @type {import('jest').Config} */
export default {
  testEnvironment: 'node',
  testMatch: ['<rootDir>/test/**/*.spec.ts'],
  extensionsToTreatAsEsm: ['.ts'],
  moduleNameMapper: {
    '^(\\.{1,2}/.*)\\.js$': '$1',
    // The benchmark's cases name packages as applications do; here they get the sources, and the root's own peers.
    '^nestjs-cow$': '<rootDir>/lib/index.ts',
    '^nestjs-cow/tracking$': '<rootDir>/lib/tracking/index.ts',
    '^#(entities|http)$': '<rootDir>/bench/$1/index.ts',
    '^mongodb$': '<rootDir>/node_modules/mongodb',
    '^@nestjs/(common|core)$': '<rootDir>/node_modules/@nestjs/$1/index.js',
  },
  transform: { '^.+\\.ts$': ['ts-jest', { useESM: true }] },
  globalSetup: '<rootDir>/test/support/mongo-setup.mjs',
  globalTeardown: '<rootDir>/test/support/mongo-teardown.mjs',
  maxWorkers: 2,
  // Only with --coverage: `npm run test:coverage`, which CI runs.
  collectCoverageFrom: ['lib/tracking/**/*.ts'],
  coverageThreshold: { './lib/tracking/': { lines: 100, branches: 100, functions: 100, statements: 100 } },
  testTimeout: 120_000, // machines are shared: a slow one is no failure
};
