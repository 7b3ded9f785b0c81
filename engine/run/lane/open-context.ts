import { dirname, resolve } from 'node:path';
import type { OpenContext, Position } from '../../../connectors/connector.ts';
import type { Timing } from '../time/timing.ts';
import { ingestTimeName } from './ingest-time.ts';
import type { SourceSetup } from './protocol.ts';

/** What `open` is told about a source; `_ingest_time` is the engine's own and hidden from the connector. */
export function openContext(
  setup: SourceSetup,
  positions: ReadonlyMap<string, Position>,
  timing: Timing,
  owns?: OpenContext['owns'],
): OpenContext {
  const { definition } = setup;
  const columns = definition.columns.filter((column) => column.name !== ingestTimeName);
  const eventTime = columns.findIndex((column) => column.name === definition.eventTime);
  return {
    source: definition.name,
    columns,
    needed: columns.flatMap((column, index) => (setup.needed.includes(column.name) || index === eventTime ? [index] : [])),
    options: definition.options,
    eventTime: eventTime < 0 ? null : eventTime,
    positions,
    directory: dirname(resolve(definition.file)),
    clock: timing,
    ...(owns === undefined ? {} : { owns }),
    ...(setup.share === null ? {} : { openedAt: setup.share.openedAt }),
  };
}
