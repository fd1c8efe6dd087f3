import { startTestServer } from 'nestjs-cow/testing';

export default async function start() {
  globalThis.testServer = await startTestServer(); // sets MONGODB_URI for the workers
}
