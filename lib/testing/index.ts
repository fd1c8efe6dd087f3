// `nestjs-cow/testing`: what the tests of an application need. It works with any test runner.
export { clearCommitted, committed, expectCommitted, expectNothingCommitted, type ExpectedWrite } from './committed.js';
export { CowTesting } from './cow-testing.js';
export { CowTestingModule, type CowTestingOptions } from './cow-testing.module.js';
export { Factory } from './factory.js';
export { startTestServer, type TestServer, type TestServerOptions } from './test-server.js';
