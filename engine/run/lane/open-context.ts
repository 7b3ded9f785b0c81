import { dirname, resolve } from 'node:path';
import type { OpenContext, Position } from '../../../connectors/connector.ts';
import type { Timing } from '../time/timing.ts';
import { ingestTimeName } from './ingest-time.ts';
import type { SourceSetup } from './protocol.ts';

/** Columns of the connector, and indexes of those that a batch holds; `_ingest_time` is the engine's own. */
export function readColumns({ definition, needed }: SourceSetup): Pick<OpenContext, 'columns' | 'needed' | 'eventTime'> {
  const columns = definition.columns.filter((column) => column.name !== ingestTimeName);
  const eventTime = columns.findIndex((column) => column.name === definition.eventTime);
  return {
    columns,
    needed: columns.flatMap((column, index) => (needed.includes(column.name) || index === eventTime ? [index] : [])),
    eventTime: eventTime < 0 ? null : eventTime,
  };
}

/** What `open` is told about a source. */
export function openContext(
  setup: SourceSetup,
  positions: ReadonlyMap<string, Position>,
  timing: Timing,
  owns?: OpenContext['owns'],
  cuts?: OpenContext['cuts'],
): OpenContext {
  const { definition, decoder } = setup;
  return {
    source: definition.name,
    ...readColumns(setup),
    options: definition.options,
    positions,
    directory: dirname(resolve(definition.file)),
    clock: timing,
    ...(owns === undefined ? {} : { owns }),
    ...(cuts === undefined ? {} : { cuts }),
    ...(decoder === undefined ? {} : { decoder }),
    ...(setup.share === null ? {} : { openedAt: setup.share.openedAt }),
  };
}
