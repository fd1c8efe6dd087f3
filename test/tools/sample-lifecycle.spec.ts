import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

import { freePort } from '../../tools/mongod/free-port.mjs';
import { Launch, type LaunchOptions } from './fixtures/launch.js';
import { describeWithMongod, processesOf, temporaryDirectory, untilNoneOf } from './fixtures/processes.js';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const TIMEOUT_MS = 300_000; // machines are shared: a slow one is no failure

/** A place for one test's launches: they run side by side, each on its own data. */
class Scene {
  readonly base = temporaryDirectory('cow-life-');
  readonly data = join(this.base.path, 'data');
  private readonly launches: Launch[] = [];

  start(options: Partial<LaunchOptions> = {}): Launch {
    const launch = new Launch({ data: this.data, ...options });
    this.launches.push(launch);
    return launch;
  }

  /** Through npm and the project's start script, without its build. */
  startByNpm(): Launch {
    const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
    const [, launcher] = /&& (exec node tools\/start-sample\.mjs)$/.exec(scripts.start) ?? [];
    const directory = join(this.base.path, 'package');
    mkdirSync(directory);
    const script = launcher!.replace('tools/', `${ROOT}tools/`);
    writeFileSync(join(directory, 'package.json'), JSON.stringify({ name: 'x', scripts: { start: script } }));
    return this.start({ npmIn: directory });
  }

  /** What runs with this data: mongod, its supervisor, the application. */
  running(command?: string): number[] {
    return processesOf(this.data, command);
  }

  untilNothingRuns(): Promise<number[]> {
    return untilNoneOf(this.data);
  }

  /** After what a launch went through: nothing it was told is stored is lost, and nothing runs on. */
  async expectIntact(before: Launch, options: Partial<LaunchOptions> = {}): Promise<void> {
    const again = await this.start(options).until(/^ready$/m);
    expect(again.found).toBeGreaterThanOrEqual(before.written);
    expect(again.found).toBeLessThanOrEqual(before.written + 1); // one may have been acknowledged unheard
    again.kill('SIGTERM');
    expect(await again.ended).toBe(0);
    expect(this.running()).toEqual([]);
  }

  async clear(): Promise<void> {
    for (const launch of this.launches) launch.killGroupIfRunning();
    await this.untilNothingRuns();
    this.base.remove();
  }
}

/** Side by side, since most of their time is waiting for mongod. */
function scene(name: string, test: (scene: Scene) => Promise<void>): void {
  it.concurrent(
    name,
    async () => {
      const scene = new Scene();
      try {
        await test(scene);
      } finally {
        await scene.clear();
      }
    },
    TIMEOUT_MS,
  );
}

describeWithMongod('the life of the sample and its database', () => {
  scene('ends with Ctrl-C, which the whole group gets, npm passing it on once more', async (scene) => {
    const launch = await scene.startByNpm().until(/^written 25$/m);
    launch.killGroup('SIGINT');
    expect(await launch.ended).toBe(0);
    expect(launch.output).toMatch(/^closed$/m);
    expect(scene.running()).toEqual([]);
    await scene.expectIntact(launch);
  });

  scene('ends with SIGTERM to npm', async (scene) => {
    const launch = await scene.startByNpm().until(/^written 25$/m);
    launch.kill('SIGTERM');
    await launch.ended;
    expect(launch.output).toMatch(/^closed$/m);
    expect(scene.running()).toEqual([]);
    await scene.expectIntact(launch);
  });

  scene('loses nothing by kill -9 of the application, and leaves no mongod', async (scene) => {
    const launch = await scene.startByNpm().until(/^written 25$/m);
    launch.kill('SIGKILL', launch.appPid);
    await launch.ended;
    expect(await scene.untilNothingRuns()).toEqual([]);
    await scene.expectIntact(launch);
  });

  scene('loses nothing by kill -9 of the whole group, and leaves no mongod', async (scene) => {
    const launch = await scene.startByNpm().until(/^written 25$/m);
    launch.killGroup('SIGKILL');
    expect(await launch.ended).toBe('SIGKILL');
    expect(await scene.untilNothingRuns()).toEqual([]);
    await scene.expectIntact(launch);
  });

  scene('starts again at once after kill -9, while the old mongod is still ending', async (scene) => {
    const launch = await scene.start().until(/^ready$/m);
    const [supervisor] = scene.running('supervisor.mjs');
    launch.kill('SIGSTOP', supervisor); // else mongod may have ended before it is looked for
    launch.kill('SIGKILL');
    await launch.ended;
    expect(scene.running()).not.toEqual([]);
    const again = await scene.start().until(/Ending the mongod that a killed application left behind/);
    launch.kill('SIGCONT', supervisor);
    await again.until(/^ready$/m);
    expect(again.found).toBeGreaterThanOrEqual(launch.written);
    again.kill('SIGTERM');
    expect(await again.ended).toBe(0);
    await scene.expectIntact(again);
  });

  scene('goes on with seeding after kill -9 amidst of it', async (scene) => {
    const launch = await scene.start({ env: { SEED: '1000000' } }).until(/^written 30$/m);
    launch.kill('SIGKILL');
    await launch.ended;
    await scene.expectIntact(launch);
  });

  scene('ends with Ctrl-C amidst of seeding', async (scene) => {
    const launch = await scene.start({ env: { SEED: '1000000' } }).until(/^written 30$/m);
    launch.killGroup('SIGINT');
    expect(await launch.ended).toBe(130);
    expect(launch.output).not.toMatch(/error/i);
    expect(scene.running()).toEqual([]);
    await scene.expectIntact(launch);
  });

  for (const ms of [150, 350, 600]) {
    scene(`starts after kill -9 of everything ${ms} ms into its first start`, async (scene) => {
      const launch = scene.start();
      await sleep(ms);
      for (const pid of scene.running()) launch.killIfRunning(pid); // some end with those before them
      await launch.ended;
      const again = await scene.start().until(/^ready$/m);
      again.kill('SIGTERM');
      expect(await again.ended).toBe(0);
    });
  }

  scene('starts after kill -9 of application and supervisor', async (scene) => {
    const launch = await scene.start().until(/^ready$/m);
    const [supervisor] = scene.running('supervisor.mjs');
    launch.kill('SIGKILL');
    launch.kill('SIGKILL', supervisor);
    await launch.ended;
    await scene.expectIntact(launch);
  });

  scene('ends at once with a second Ctrl-C, and mongod too', async (scene) => {
    const launch = await scene.start({ env: { HANG: '1' } }).until(/^ready$/m);
    launch.killGroup('SIGINT');
    await launch.until(/^SIGINT: stopping/m);
    await sleep(1_100);
    launch.killGroup('SIGINT');
    expect(await launch.ended).toBe(130);
    expect(await scene.untilNothingRuns()).toEqual([]);
    await scene.expectIntact(launch);
  });

  scene('ends without an application that does not close, and says so', async (scene) => {
    const launch = await scene.start({ env: { HANG: '1' } }).until(/^ready$/m);
    launch.kill('SIGTERM');
    expect(await launch.ended).toBe(0);
    expect(launch.output).toMatch(/^The sample did not close within 15 s/m);
    expect(scene.running()).toEqual([]);
    await scene.expectIntact(launch);
  });

  scene('says so when mongod dies under it, and exits with 1', async (scene) => {
    const launch = await scene.start().until(/^ready$/m);
    const supervisors = scene.running('supervisor.mjs');
    const [mongod] = scene.running('--replSet').filter((pid) => !supervisors.includes(pid));
    launch.kill('SIGKILL', mongod);
    expect(await launch.ended).toBe(1);
    expect(launch.output).toMatch(/MongoDB ended unexpectedly: .*SIGKILL/);
    await scene.expectIntact(launch);
  });

  scene('keeps its data on another port', async (scene) => {
    const [first, second] = [await freePort(), await freePort()];
    const launch = await scene.start({ databasePort: first }).until(/^ready$/m);
    expect(launch.output).toContain(`uri=mongodb://127.0.0.1:${first}/`);
    launch.kill('SIGTERM');
    await launch.ended;
    await scene.expectIntact(launch, { databasePort: second });
  });

  scene('refuses a data directory that another application uses, which goes on unharmed', async (scene) => {
    const launch = await scene.start().until(/^ready$/m);
    const second = scene.start();
    expect(await second.ended).toBe(1);
    expect(second.output).toContain(`is in use by an application that runs (pid ${launch.appPid})`);
    const { written } = launch;
    await launch.until(new RegExp(`^written ${written + 2}$`, 'm'));
    launch.kill('SIGTERM');
    expect(await launch.ended).toBe(0);
    await scene.expectIntact(launch);
  });

  scene('starts one of two applications that are started at the same time on new data', async (scene) => {
    const both = [scene.start(), scene.start()];
    const loser = await Promise.race(both.map((launch) => launch.ended.then(() => launch)));
    expect(await loser.ended).toBe(1);
    expect(loser.output).toContain('is in use by an application that runs');
    const winner = await both.find((launch) => launch !== loser)!.until(/^ready$/m);
    winner.kill('SIGTERM');
    expect(await winner.ended).toBe(0);
    await scene.expectIntact(winner);
  });

  scene('starts no mongod when MONGODB_URI is set', async (scene) => {
    const owner = await scene.start().until(/^ready$/m);
    const uri = /uri=(\S+)/.exec(owner.output)![1]!;
    const other = join(scene.base.path, 'other');
    const launch = await scene.start({ data: other, env: { MONGODB_URI: uri } }).until(/^ready$/m);
    expect(launch.output).toContain(`embedded=undefined uri=${uri}`);
    expect(processesOf(other)).toEqual([launch.pid]);
    launch.kill('SIGTERM');
    expect(await launch.ended).toBe(0);
  });
});
