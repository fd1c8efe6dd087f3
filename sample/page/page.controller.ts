import { Controller, Get, Header, NotFoundException, Param, StreamableFile } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import { existsSync, readdirSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { extname } from 'node:path';
import { ReadOnly } from '../../lib/index.js';

/** Everything comes from here, nothing is written into the page as markup, and nobody may frame it. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
  "trusted-types 'none'",
].join('; ');

const TYPES: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
};

/** The files as they were written: there is no build step, so compiled code finds them in the sources. */
const DIRECTORY = ['./public/', '../../../sample/page/public/']
  .map((path) => new URL(path, import.meta.url))
  .find((url) => existsSync(new URL('index.html', url)))!;

/** Served are these files and no others, whatever a path says. */
const FILES = new Set(readdirSync(DIRECTORY));

/** The page at `/`, which shows what each change commits. */
@ApiExcludeController()
@ReadOnly()
@Controller()
export class PageController {
  @Get()
  @Header('Content-Security-Policy', POLICY)
  @Header('Cross-Origin-Opener-Policy', 'same-origin')
  @Header('Referrer-Policy', 'no-referrer')
  @Header('X-Content-Type-Options', 'nosniff')
  @Header('Cache-Control', 'no-cache')
  page(): Promise<StreamableFile> {
    return this.file('index.html');
  }

  @Get('page/:file')
  @Header('X-Content-Type-Options', 'nosniff')
  @Header('Cache-Control', 'no-cache')
  async file(@Param('file') name: string): Promise<StreamableFile> {
    const type = FILES.has(name) ? TYPES[extname(name)] : undefined;
    if (type === undefined) throw new NotFoundException(`The page has no file ${name}.`);
    return new StreamableFile(await readFile(new URL(name, DIRECTORY)), { type });
  }
}
