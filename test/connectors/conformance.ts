import { describe, expect, it } from 'vitest';
import { batchRowsMax, type Column } from '../../connectors/batch.ts';
import {
  type Connector,
  ConnectorError,
  type OpenContext,
  type Polled,
  type Position,
  type SourceReader,
} from '../../connectors/connector.ts';
import type { ColumnSpec, DataType } from '../../connectors/data-type.ts';
import type { DecoderProgram } from '../../connectors/formats/decoder.ts';
import type { OptionValues } from '../../connectors/options.ts';
import type { QueryError } from '../../engine/diagnostic.ts';
import { parseOptions } from '../../engine/sql/options.ts';
import { columnValue } from './column-values.ts';
import { openContext } from './open-source.ts';

/** One way to open a connector. */
export interface ConformanceCase {
  readonly name: string;
  readonly connector: Connector;
  /** All columns that it can be declared with. */
  readonly columns: readonly ColumnSpec[];
  /** Parsed, as the engine gives them. */
  readonly options: OptionValues;
  readonly directory: string;
  readonly eventTime: number;
  /** Every partition ends by itself, after more than one batch. */
  readonly bounded: boolean;
  /** Columns that it cannot give. */
  readonly faulty: readonly ColumnSpec[];
  /** Options with which `open` must fail; null when nothing outside can make it fail. */
  readonly unopenable: OptionValues | null;
  /** For connectors that need one: compiled for these columns. */
  readonly decoder?: (needed: readonly number[]) => DecoderProgram;
}

const pollsMax = 5000;
const sourceName = 'conforming_source';

function contextOf(given: ConformanceCase, more: Partial<OpenContext> = {}): OpenContext {
  const { columns, options, directory, eventTime } = given;
  const context = { ...openContext(columns), source: sourceName, options, directory, eventTime, ...more };
  return given.decoder === undefined ? context : { ...context, decoder: given.decoder(context.needed) };
}

/** A clock that goes forward when somebody waits. */
function movingClock(): { clock: { now(): number }; forward(to: number | undefined): void } {
  let ahead = 0;
  return {
    clock: { now: () => Date.now() + ahead },
    forward: (to) => {
      ahead += to === undefined ? 1000 : Math.max(1, to - (Date.now() + ahead));
    },
  };
}

interface Reading {
  readonly polls: readonly Polled[];
  readonly ended: readonly string[];
  readonly partitions: readonly string[];
}

async function readSome(
  given: ConformanceCase,
  more: Partial<OpenContext> = {},
  batches = given.bounded ? Number.POSITIVE_INFINITY : 3,
): Promise<Reading> {
  const { clock, forward } = movingClock();
  const reader = await given.connector.open(contextOf(given, { clock, ...more }));
  try {
    const polls: Polled[] = [];
    const ended: string[] = [];
    for (let count = 0; count < pollsMax && polls.length < batches && ended.length < reader.partitions.length; count++) {
      const polled = await reader.poll();
      if ('idle' in polled) forward(polled.retryAt);
      else if ('end' in polled) ended.push(polled.end);
      else polls.push(polled);
    }
    return { polls, ended, partitions: reader.partitions };
  } finally {
    await reader.close();
  }
}

function rowsByPartition(polls: readonly Polled[]): Record<string, unknown[][]> {
  const rows: Record<string, unknown[][]> = {};
  for (const { partition, batch } of polls) {
    rows[partition] ??= [];
    for (let row = 0; row < batch.rows; row++) rows[partition].push(batch.columns.map((column) => columnValue(column, row)));
  }
  return rows;
}

/** What every connector promises, whatever it reads. */
export function conformanceSuite(given: ConformanceCase): void {
  const { connector } = given;
  describe(`${given.name} conforms`, () => {
    it('takes its own columns and options, and knows others', () => {
      expect(connector.checkColumns(given.columns, given.options)).toEqual([]);
      expect(connector.checkOptions?.(given.options) ?? []).toEqual([]);
      for (const column of given.faulty) {
        const faults = connector.checkColumns([column], given.options);
        expect(faults.map((fault) => fault.column)).toEqual([column.name]);
        expect(faults[0]?.message).toContain(column.name);
      }
    });

    it('has options that refuse unknown names and values', () => expectOptionsChecked(connector));

    it('gives batches of exactly the needed columns', async () => {
      const every = given.columns.map((_, index) => index);
      const others = every.filter((index) => index === given.eventTime || index % 2 === 1);
      for (const needed of [every, others, [given.eventTime]]) {
        const { polls } = await readSome(given, { needed }, 3);
        expect(polls.length).toBeGreaterThan(0);
        for (const { batch } of polls) {
          expect(batch.rows).toBeLessThanOrEqual(batchRowsMax);
          expect(batch.columns.length).toBe(needed.length);
          for (const [place, index] of needed.entries()) expectColumn(batch.columns[place]!, given.columns[index]!, batch.rows);
        }
      }
    });

    it('names partitions once and for all, and polls those', async () => {
      const { partitions, polls, ended } = await readSome(given);
      expect(new Set(partitions).size).toBe(partitions.length);
      expect(partitions.length).toBeGreaterThan(0);
      for (const { partition } of polls) expect(partitions).toContain(partition);
      for (const partition of ended) expect(partitions).toContain(partition);
    });

    it('has positions that survive JSON and follow one another', async () => {
      const { polls } = await readSome(given);
      const last = new Map<string, Position>();
      for (const { partition, from, to } of polls) {
        expect(JSON.parse(JSON.stringify([from, to]))).toEqual([from, to]);
        expect(to).not.toEqual(from);
        if (last.has(partition)) expect(from).toEqual(last.get(partition));
        last.set(partition, to);
      }
    });

    it('closes twice, and while a poll is under way', async () => {
      const reader = await connector.open(contextOf(given));
      const partitions = [...reader.partitions];
      const polling = reader.poll().catch((error: unknown) => error);
      await reader.close();
      await polling;
      await reader.close();
      expect(reader.partitions).toEqual(partitions);
    });

    it('takes acknowledgements at any time', async () => {
      const reader = await connector.open(contextOf(given));
      await reader.acknowledge(new Map());
      const polled = await reader.poll();
      if ('batch' in polled) await reader.acknowledge(new Map([[polled.partition, polled.to]]));
      await reader.close();
    });

    it.skipIf(given.unopenable === null)('says which source could not be opened', async () => {
      const options = { ...given.options, ...given.unopenable };
      const error = await connector.open(contextOf(given, { options })).then(
        (reader: SourceReader) => reader.close(),
        (thrown: unknown) => thrown,
      );
      expect(error).toBeInstanceOf(ConnectorError);
      expect((error as ConnectorError).source).toBe(sourceName);
      expect((error as ConnectorError).message).not.toBe('');
    });

    if (given.bounded) boundedSuite(given);
    if (given.bounded && connector.replayable) replayableSuite(given);
  });
}

function boundedSuite(given: ConformanceCase): void {
  it('reports the end of each partition once', async () => {
    const reader = await given.connector.open(contextOf(given));
    const ended: string[] = [];
    for (let count = 0; count < pollsMax && ended.length < reader.partitions.length; count++) {
      const polled = await reader.poll();
      if ('end' in polled) ended.push(polled.end);
      else if ('batch' in polled) expect(ended).not.toContain(polled.partition);
    }
    for (let again = 0; again < 3; again++) expect(await reader.poll()).toMatchObject({ idle: true });
    await reader.close();
    expect([...ended].sort()).toEqual([...reader.partitions].sort());
  });
}

function replayableSuite(given: ConformanceCase): void {
  it('goes on from every position with the same rows', async () => {
    const whole = await readSome(given);
    expect(whole.polls.length).toBeGreaterThan(1);
    const step = Math.max(1, Math.floor(whole.polls.length / 3));
    for (let index = 0; index < whole.polls.length; index += step) {
      const read = whole.polls.slice(0, index + 1);
      const positions = new Map(read.map(({ partition, to }) => [partition, JSON.parse(JSON.stringify(to)) as Position]));
      const rest = await readSome(given, { positions });
      expect(rest.partitions).toEqual(whole.partitions);
      expect(rowsByPartition([...read, ...rest.polls])).toEqual(rowsByPartition(whole.polls));
    }
  });

  it('goes back to the first row of any batch', async () => {
    const { polls } = await readSome(given);
    const { partition, from, batch } = polls.at(-1)!;
    const again = await readSome(given, { positions: new Map([[partition, from]]) });
    const first = again.polls.find((polled) => polled.partition === partition)!;
    expect(rowsByPartition([first])[partition]?.[0]).toEqual(rowsByPartition([{ ...polls.at(-1)!, batch }])[partition]?.[0]);
  });

  it('brings the same rows whichever columns are needed', async () => {
    const all = rowsByPartition((await readSome(given)).polls);
    const one = rowsByPartition((await readSome(given, { needed: [given.eventTime] })).polls);
    for (const [partition, rows] of Object.entries(all)) expect(one[partition]).toEqual(rows.map((row) => [row[given.eventTime]]));
  });
}

function expectOptionsChecked(connector: Connector): void {
  const context = (faults: QueryError[]) => ({
    span: { start: 0, end: 1 },
    owner: 'it',
    columns: [],
    report: (error: QueryError) => void faults.push(error),
  });
  const span = { start: 0, end: 1 };
  const faultsOf = (name: string, value: string) => {
    const faults: QueryError[] = [];
    parseOptions(connector.options, [{ name, value, nameSpan: span, valueSpan: span }], context(faults));
    return faults.filter((fault) => fault.code !== 'E0113').map((fault) => fault.code);
  };
  expect(faultsOf('no_such_option', '1')).toEqual(['E0110']);
  for (const [name, spec] of Object.entries(connector.options)) {
    if (spec.type !== 'text') expect([name, faultsOf(name, 'no such value')]).toEqual([name, ['E0111']]);
    if (spec.default !== undefined) expect([name, faultsOf(name, spec.default)]).toEqual([name, []]);
    if (spec.example !== undefined && spec.type !== 'column') expect([name, faultsOf(name, spec.example)]).toEqual([name, []]);
  }
}

const kinds: Readonly<Partial<Record<DataType['kind'], Column['kind']>>> = {
  varchar: 'string',
  json: 'string',
  blob: 'string',
  enum: 'string',
  list: 'list',
  map: 'list',
  struct: 'struct',
};

const arrays: Readonly<Partial<Record<DataType['kind'], string>>> = {
  boolean: 'Uint8Array',
  integer: 'Int32Array',
  bigint: 'BigInt64Array',
  timestamp: 'BigInt64Array',
  double: 'Float64Array',
};

function expectColumn(column: Column, spec: ColumnSpec, rows: number): void {
  expect(column.type).toEqual(spec.type);
  expect(column.kind).toBe(kinds[spec.type.kind] ?? 'fixed');
  if (column.validity !== null) expect(column.validity.length).toBeGreaterThanOrEqual((rows + 7) >> 3);
  if (column.kind === 'fixed') {
    const name = arrays[spec.type.kind];
    if (name !== undefined) expect(column.data.constructor.name).toBe(name);
    expect(column.data.length).toBeGreaterThanOrEqual(rows);
  }
  if (column.kind === 'string') {
    expect(column.codes.length).toBeGreaterThanOrEqual(rows);
    const wrong = column.codes
      .subarray(0, rows)
      .findIndex((code, row) => code >= column.dictionary.size && columnValue(column, row) !== null);
    expect(wrong).toBe(-1);
  }
  if (column.kind === 'list') {
    expect(column.offsets.length).toBeGreaterThanOrEqual(rows + 1);
    expect(column.children.length).toBe(spec.type.kind === 'map' ? 2 : 1);
  }
  if (!spec.nullable)
    for (let row = 0; row < rows; row++) if (columnValue(column, row) === null) throw new Error(`${spec.name} is NULL in row ${row}`);
}
