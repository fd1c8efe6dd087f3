import type { LoggerService } from '@nestjs/common';

/** A Nest logger that keeps its lines, as `level context: message`. */
export class Log implements LoggerService {
  readonly lines: string[] = [];

  log = (message: unknown, context?: string) => this.keep('log', message, context);
  warn = (message: unknown, context?: string) => this.keep('warn', message, context);
  debug = (message: unknown, context?: string) => this.keep('debug', message, context);
  error = (message: unknown, ...more: string[]) => this.keep('error', message, more.at(-1));

  /** The lines that contain a text. */
  with(text: string): string[] {
    return this.lines.filter((line) => line.includes(text));
  }

  private keep(level: string, message: unknown, context = ''): void {
    this.lines.push(`${level} ${context}: ${String(message)}`);
  }
}
