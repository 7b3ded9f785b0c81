import { createHash } from 'node:crypto';
import { withoutSpans } from '../plan/without-spans.ts';
import type { QueryDefinition } from '../plan/catalog.ts';

/** Hexadecimal digits that a double holds exactly. */
const digits = 12;

/**
 * Tells whether stored state still fits a query: a number made from its plan and the plans of the queries that it reads. Comments,
 * layout and names of files do not matter, nor does the version of the compiler.
 */
export function planFingerprint(definition: QueryDefinition, upstream: readonly number[]): number {
  const text = JSON.stringify(
    [withoutSpans(definition.plan), upstream, ...(definition.clock === 'event' ? [] : [definition.clock])],
    (_, value: unknown) => (typeof value === 'bigint' ? `${value}n` : value),
  );
  return Number.parseInt(createHash('sha256').update(text).digest('hex').slice(0, digits), 16);
}
