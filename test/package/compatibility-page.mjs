// docs/compatibility.md, from the rows that matrix.mjs has run.
import { spawnSync } from 'node:child_process';

/**
 * @param {{ nest: string, build?: string, node?: string, platform?: string, runner?: string, ok: boolean }[]} rows
 * @param {{ nest: Record<string, { core: string }>, nodes: string[], mongod: string }} versions
 */
export function pageOf(rows, { nest, nodes, mongod }) {
  const mark = (some) => (some.length === 0 ? 'not run' : some.every(({ ok }) => ok) ? '✓' : '✗');
  const builds = [...new Set(rows.flatMap(({ build }) => build ?? []))];
  const applications = Object.keys(nest).flatMap((version) =>
    builds.map((build) => {
      const cells = nodes.flatMap((node) =>
        ['express', 'fastify'].map((platform) =>
          mark(
            rows.filter(
              (row) =>
                row.nest === version &&
                row.build === build &&
                (row.node ?? node) === node &&
                (row.platform ?? platform) === platform,
            ),
          ),
        ),
      );
      return `| ${nest[version].core} | ${build} | ${cells.join(' | ')} |`;
    }),
  );
  const heads = nodes.flatMap((node) => ['Express', 'Fastify'].map((platform) => `Node ${node}, ${platform}`));
  const runners = [...new Set(rows.flatMap(({ runner }) => runner ?? []))].map((name) => {
    const cells = Object.keys(nest).map((version) =>
      mark(rows.filter((row) => row.runner === name && row.nest === version)),
    );
    return `| ${name} | ${cells.join(' | ')} |`;
  });
  return `# Compatibility

Written by \`npm run pack:matrix -- --write\`, which installs the packed tarball into empty projects and runs them against
MongoDB ${serverVersion(mongod)}. ✓: the application started, committed an insert and an update over HTTP and answered a 404
with our error body; \`nestjs-cow/swagger\`, \`/terminus\` and \`/testing\` worked in it.

## Applications

| Nest | compiled as | ${heads.join(' | ')} |
| --- | --- | ${heads.map(() => '---').join(' | ')} |
${applications.join('\n')}

_nodenext_, _bundler_ and _node10_ are the values of TypeScript's \`moduleResolution\`. CommonJS applications load the library,
which is ESM, by Node's \`require(esm)\`: that is why Node 20.19 is the oldest.

## Test runners

The projects of the [guide](testing.md), with an embedded server of their own:

| runner | ${Object.keys(nest)
    .map((version) => `Nest ${nest[version].core}`)
    .join(' | ')} |
| --- | ${Object.keys(nest)
    .map(() => '---')
    .join(' | ')} |
${runners.join('\n')}

## What does not work, or was not tried

- **Node before 20.19**, and 22 before 22.12: \`require()\` of an ES module is not there. Nest 12 and the driver ask for it too.
- **jest without \`--experimental-vm-modules\`**: jest's own module loader cannot \`require()\` an ES module. The guide sets it.
- **MongoDB's driver 6**: its peer range is \`^7\`. **Servers before 4.2**: no transactions on sharded clusters, no pipeline
  updates. Tried were the server above and, by the driver's own table, none newer.
- **Sharded clusters**: the tests have no \`mongos\`. \`shardKey\` is tested by the filters that are sent.
- **Bun and Deno, webpack and esbuild bundles** of an application: not tried. \`nestjs-cow/swagger\` has side effects, and says
  so in \`package.json\`.
- **Windows and macOS**: not tried; nothing in the library depends on the platform.
- **The standard's decorators** (TypeScript without \`experimentalDecorators\`): they tell no types; refused at start.
`;
}

function serverVersion(mongod) {
  const { stdout } = spawnSync(mongod, ['--version'], { encoding: 'utf8' });
  return /v(\d+\.\d+\.\d+)/.exec(stdout)?.[1] ?? '(version unknown)';
}
