import type ts from 'typescript';

export interface Entry {
  /** As imported: `nestjs-cow/tracking`. */
  readonly name: string;
  /** Path of the TypeScript source. */
  readonly source: string;
  /** Path of the committed report. */
  readonly report: string;
}

export function entries(): Entry[];
export function surfacesOf(sources: readonly string[], options?: ts.CompilerOptions): string[];
