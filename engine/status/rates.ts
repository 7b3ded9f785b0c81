import type { Catalog, QueryDefinition } from '../plan/catalog.ts';
import { behindMs, waitsFor } from './lag.ts';
import { inputRateMs, outputRateMs, type Samples } from './samples.ts';

/** Of the whole engine, per second; `cpu` in percent of one core. */
export interface Rates {
  readonly in: number;
  readonly out: number;
  readonly late: number;
  readonly rejected: number;
  readonly cpu: number;
  readonly behindMedianMs: number | null;
  readonly behindMost: { readonly query: string; readonly ms: number } | null;
  readonly stateBytes: number;
  readonly stateBytesMax: number;
}

export interface SourceRates {
  readonly in: number | null;
  readonly late: number | null;
  readonly rejected: number | null;
}

export interface QueryRates {
  readonly in: number | null;
  readonly out: number | null;
  readonly late: number | null;
  readonly cpu: number | null;
  /** The source that the query only waits for, or null. */
  readonly waitsFor: string | null;
}

export function sourceRates(samples: Samples, name: string): SourceRates {
  return {
    in: samples.rate((status) => status.sources[name]?.rows, inputRateMs),
    late: samples.rate((status) => status.sources[name]?.late, outputRateMs),
    rejected: samples.rate((status) => status.sources[name]?.rejected, outputRateMs),
  };
}

export function queryRates(samples: Samples, query: QueryDefinition, catalog: Catalog): QueryRates {
  const { id } = query;
  const cpu = samples.rate((status) => status.queries[id]?.cpuSeconds, inputRateMs);
  return {
    in: samples.rate((status) => status.queries[id]?.rowsIn, inputRateMs),
    out: samples.rate((status) => status.queries[id]?.rowsOut, outputRateMs),
    late: samples.rate((status) => status.queries[id]?.late, outputRateMs),
    cpu: cpu === null ? null : cpu * 100,
    waitsFor: waitsFor(query, samples.latest, catalog, (source) => sourceRates(samples, source).in),
  };
}

/** Results are those of all queries, also of those that other queries read. */
export function engineRates(samples: Samples, catalog: Catalog, sources: readonly SourceRates[], queries: readonly QueryRates[]): Rates {
  const status = samples.latest;
  const behind = catalog.queries
    .flatMap(({ id }, index) => {
      const ms = behindMs(status.queries[id], queries[index]?.waitsFor);
      return ms === null ? [] : [{ query: id, ms }];
    })
    .sort((a, b) => a.ms - b.ms);
  const cpu = samples.rate((each) => each.process.cpuSeconds, inputRateMs);
  return {
    in: sum(sources.map((each) => each.in)),
    out: sum(queries.map((each) => each.out)),
    late: sum(sources.map((each) => each.late)),
    rejected: sum(sources.map((each) => each.rejected)),
    cpu: (cpu ?? 0) * 100,
    behindMedianMs: behind[(behind.length - 1) >> 1]?.ms ?? null,
    behindMost: behind.at(-1) ?? null,
    stateBytes: sum(Object.values(status.queries).map((each) => each.stateBytes)),
    stateBytesMax: sum(catalog.queries.map((query) => status.queries[query.id]?.stateBytesMax ?? query.options.memoryBytesMax)),
  };
}

function sum(values: readonly (number | null)[]): number {
  return values.reduce<number>((total, value) => total + (value ?? 0), 0);
}
