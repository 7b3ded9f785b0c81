import { dirname, join, resolve } from 'node:path';
import type { ColumnSpec } from '../../../connectors/data-type.ts';
import type { OptionValues } from '../../../connectors/options.ts';
import type { Catalog } from '../../plan/catalog.ts';

/** A sink that some query of the run writes to; plain data. */
export interface SinkSetup {
  readonly name: string;
  readonly connector: string;
  readonly columns: readonly ColumnSpec[];
  readonly options: OptionValues;
  /** Some query that writes to it takes rows back. */
  readonly changes: boolean;
  /** Of a result that changes, what its rows are known by; null: by nothing but themselves. */
  readonly key: readonly number[] | null;
  readonly directory: string;
  /** Of the sink's own, in the data folder. */
  readonly folder: string;
  readonly retryForMs: number;
  /** Ids of the queries that write to it. */
  readonly queries: readonly string[];
}

export function sinkSetups(catalog: Catalog, dataDirectory: string): SinkSetup[] {
  return [...catalog.sources.values()].flatMap((sink) => {
    const queries = catalog.queries.filter((query) => query.kind === 'insert' && query.name === sink.name);
    if (sink.role !== 'sink' || queries.length === 0) return [];
    const { name, connector, columns, options } = sink;
    return {
      name,
      connector,
      columns,
      options,
      changes: queries.some((query) => query.resultChanges),
      key: queries.length === 1 ? (queries[0]?.resultKey ?? null) : null,
      folder: join(resolve(dataDirectory), 'sinks', encodeURIComponent(name)),
      directory: resolve(dirname(sink.file)),
      retryForMs: sink.sink?.retryForMs ?? 0,
      queries: queries.map((query) => query.id),
    };
  });
}
