import type { Document } from 'mongodb';
import type { CommittedWrite, FlushEvent } from '../unit-of-work/events.js';

/** How many writes, and fields of a write, a line names. */
const SHOWN = 8;

/**
 * A committed flush in one line, with names of fields and never their values:
 * `PATCH /orders/123 → orders.updateOne { $set: { note } } 61 B of 1,204 B`.
 */
export function flushLine({ label, writes }: FlushEvent): string {
  return `${label ?? 'unit of work'} → ${listed(writes.map(describeWrite))}`;
}

function describeWrite({ collection, operation, command, bytes, documentBytes }: CommittedWrite): string {
  const name = `${collection}.${operation}`;
  switch (operation) {
    case 'insertOne':
      return `${name} ${size(bytes)}`;
    case 'deleteOne':
      return name;
    case 'updateOne':
      return `${name} ${describeUpdate(command.u)} ${size(bytes)} of ${size(documentBytes)}`;
  }
}

function describeUpdate(update: unknown): string {
  if (Array.isArray(update)) return '[ … ]'; // a pipeline
  const operators = Object.entries((update ?? {}) as Document).map(
    ([operator, fields]) => `${operator}: { ${listed(Object.keys(fields as Document))} }`,
  );
  return `{ ${operators.join(', ')} }`;
}

function listed(parts: readonly string[]): string {
  const more = parts.length - SHOWN;
  return more > 0 ? `${parts.slice(0, SHOWN).join(', ')}, … ${more} more` : parts.join(', ');
}

function size(bytes: number): string {
  return `${bytes.toLocaleString('en-US')} B`;
}
