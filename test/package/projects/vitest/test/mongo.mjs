import { startTestServer } from 'nestjs-cow/testing';

export default async function setup() {
  const server = await startTestServer(); // sets MONGODB_URI for the workers
  return () => server.stop();
}
