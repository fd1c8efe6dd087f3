import { defineConfig } from 'vitest/config';

export default defineConfig({
  // Decorators as Nest uses them, and the types that they are told.
  oxc: { decorator: { legacy: true, emitDecoratorMetadata: true } },
  test: { globalSetup: './test/mongo.mjs', testTimeout: 60_000, hookTimeout: 60_000 },
});
