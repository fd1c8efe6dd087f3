import { Logger } from '@nestjs/common';
import { Presets, SingleBar } from 'cli-progress';

/** Shows how far a long job is: a bar in a terminal, now and then a line elsewhere. */
export interface Progress {
  update(done: number): void;
  stop(): void;
}

export function showProgress(label: string, total: number): Progress {
  return process.stderr.isTTY ? bar(label, total) : lines(label, total);
}

function bar(label: string, total: number): Progress {
  const format = `${label} [{bar}] {value} of {total}`;
  const single = new SingleBar({ format, stream: process.stderr, hideCursor: true }, Presets.legacy);
  single.start(total, 0);
  return { update: (done) => single.update(done), stop: () => single.stop() };
}

function lines(label: string, total: number): Progress {
  const logger = new Logger('Seeder');
  let told = 0;
  const tell = (done: number) => logger.log(`${label}: ${done.toLocaleString('en')} of ${total.toLocaleString('en')}`);
  return {
    update: (done) => {
      if (done - told < total / 4 && done !== total) return;
      told = done;
      tell(done);
    },
    stop: () => undefined,
  };
}
