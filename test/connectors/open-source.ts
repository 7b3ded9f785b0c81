import type { Connector, OpenContext, Polled, Position, RejectedRow, SourceReader } from '../../connectors/connector.ts';
import type { ColumnSpec, DataType } from '../../connectors/data-type.ts';
import { columnValue } from './column-values.ts';

export function column(name: string, type: DataType | DataType['kind'], nullable = true): ColumnSpec {
  return { name, type: typeof type === 'string' ? ({ kind: type } as DataType) : type, nullable };
}

export interface SourceRun {
  readonly rows: unknown[][];
  readonly rejected: RejectedRow[];
  readonly polls: Polled[];
  readonly ended: string[];
}

export function openContext(columns: readonly ColumnSpec[], given: Partial<OpenContext> = {}): OpenContext {
  return {
    source: 'the_source',
    columns,
    needed: columns.map((_, index) => index),
    options: {},
    eventTime: null,
    positions: new Map<string, Position>(),
    directory: '/',
    clock: { now: () => Date.now() },
    ...given,
  };
}

/** Everything that a bounded source gives, partition after partition as they come. */
export async function readAll(connector: Connector, context: OpenContext): Promise<SourceRun> {
  const reader = await connector.open(context);
  try {
    return await drain(reader);
  } finally {
    await reader.close();
  }
}

export async function drain(reader: SourceReader, run: SourceRun = { rows: [], rejected: [], polls: [], ended: [] }): Promise<SourceRun> {
  while (run.ended.length < reader.partitions.length) {
    const polled = await reader.poll();
    if ('idle' in polled) throw new Error('a bounded source has nothing to read before its end');
    if ('end' in polled) run.ended.push(polled.end);
    else {
      run.polls.push(polled);
      run.rejected.push(...polled.rejected);
      run.rows.push(...batchRows(polled));
    }
  }
  return run;
}

export function batchRows({ batch }: Polled): unknown[][] {
  return Array.from({ length: batch.rows }, (_, row) => batch.columns.map((one) => columnValue(one, row)));
}
