import type { Catalog } from '../plan/catalog.ts';
import type { StreamDefinition } from '../store/store.ts';
import { sourcesInUse } from './assign-lanes.ts';
import { lateColumns, lateName, rejectedColumns, rejectedName } from './lane/side-streams.ts';

/** Rows stay in hot segments this long (ms) when a view does not say. */
const hotMsDefault = 24 * 3_600_000;
/** Late and rejected rows are kept this long (ms). */
export const sideStreamRetentionMs = 7 * 24 * 3_600_000;

/** Every table that a run of these queries writes. */
export function streamsOf(catalog: Catalog): StreamDefinition[] {
  const views = catalog.queries
    .filter((query) => query.kind === 'view')
    .map(({ name, schema, eventTime, options, resultChanges, resultKey }) => ({
      name,
      changes: resultChanges,
      key: resultKey?.map((index) => schema[index]!.name) ?? null,
      columns: schema,
      eventTime,
      retentionMs: options.retentionMs,
      hotMs: options.tierMs.hot ?? hotMsDefault,
    }));
  const ofSources = sourcesInUse(catalog).flatMap((source) => {
    const side = { retentionMs: sideStreamRetentionMs, hotMs: hotMsDefault };
    const streams: StreamDefinition[] = [{ name: rejectedName(source.name), columns: rejectedColumns, eventTime: 'time', ...side }];
    if (source.eventTime !== null && source.late === 'divert') {
      streams.push({ name: lateName(source.name), columns: lateColumns(source), eventTime: source.eventTime, ...side });
    }
    if (source.retentionMs !== null) {
      const { name, columns, eventTime, retentionMs } = source;
      streams.push({ name, columns, eventTime, retentionMs, hotMs: Math.min(hotMsDefault, retentionMs) });
    }
    return streams;
  });
  return [...views, ...ofSources];
}
