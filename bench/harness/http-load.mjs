/**
 * Requests over some connections, each as soon as the one before is answered. Connections ask for different things:
 * two that change the same would conflict.
 *
 * @param {{ url: string, requests: object[] }} server
 * @param {{ connections: number, amount: number }} how
 * @param {() => Promise<number>} cpu ms of the server's process so far
 * @returns {Promise<{ wall: number, cpu: number, p99: number }>} ms a request: from its throughput, of CPU, and how
 *   long the slowest hundredth took
 */
export async function load({ url, requests }, { connections, amount }, cpu) {
  const { default: autocannon } = await import('autocannon'); // not at the top: tests do without this folder's packages
  const share = Math.max(1, Math.floor(requests.length / connections));
  let next = 0;
  const setupClient = (client) => {
    const from = (share * next++) % requests.length;
    client.setRequests(requests.slice(from, from + share));
  };
  const before = await cpu();
  const start = performance.now();
  let end = start;
  const run = autocannon({ url, connections, amount, setupClient });
  run.on('response', () => (end = performance.now()));
  const result = await run;
  const used = (await cpu()) - before;
  const { total } = result.requests;
  if (result.non2xx > 0 || result.errors > 0 || total === 0) {
    throw new Error(`${url}: ${result.non2xx} requests failed, ${result.errors} broke off, of ${total}`);
  }
  return { wall: (end - start) / total, cpu: used / total, p99: result.latency.p99 };
}
