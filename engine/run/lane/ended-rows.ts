import type { EndedRows } from '../../store/store.ts';
import type { SourceRunner } from './source-runner.ts';

/** What a query has read of `sources` now that they have ended; `before`: of partitions that are not here. */
export function endedRows(sources: readonly SourceRunner[], before: EndedRows = {}): EndedRows {
  return mergeEndedRows([
    before,
    Object.fromEntries(
      sources.map(({ name, progress }) => [
        name,
        Object.fromEntries([...progress.partitions].map(([partition, { row }]) => [partition, row])),
      ]),
    ),
  ]);
}

/** Of each partition as far as any has read. */
export function mergeEndedRows(all: readonly EndedRows[]): EndedRows {
  const merged: Record<string, Record<string, number>> = {};
  for (const [source, partitions] of all.flatMap((each) => Object.entries(each))) {
    merged[source] ??= {};
    for (const [partition, rows] of Object.entries(partitions)) {
      merged[source][partition] = Math.max(merged[source][partition] ?? 0, rows);
    }
  }
  return merged;
}
