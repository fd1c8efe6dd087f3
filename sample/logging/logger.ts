import { ConsoleLogger, type LoggerService } from '@nestjs/common';

/** Lines to read in development; in production one JSON object a line. */
export function createLogger(isProduction: boolean): LoggerService {
  return new ConsoleLogger({
    json: isProduction,
    flattenParams: true,
    colors: !isProduction && Boolean(process.stdout.isTTY),
  });
}
