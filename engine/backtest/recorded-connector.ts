import type { DuckDBConnection } from '@duckdb/node-api';
import type { Batch } from '../../connectors/batch.ts';
import { type Connector, ConnectorError, type OpenContext, type SourceReader } from '../../connectors/connector.ts';
import { quoteName, sqlType } from '../store/sql-text.ts';
import { streamBatches } from '../test-runner/read-batches.ts';
import { firstLine } from './backtest-error.ts';
import { type ColumnExpressions, fileColumn, type RecordedFile } from './recorded-file.ts';

/** One partition. */
const partition = '0';

export interface RecordedSource {
  readonly file: RecordedFile;
  readonly columns: ColumnExpressions;
  /** Rows for which it is true; null: all. */
  readonly where: string | null;
}

/** Files in place of sources: their rows in the order of event time. */
export class RecordedConnector implements Connector {
  readonly name = 'recorded';
  readonly summary = 'Rows of a backtest.';
  readonly options = {};
  readonly replayable = true;
  readonly paced = false;
  rowsRead = 0;
  /** Rows that lack a value where the source's column is NOT NULL. */
  rowsIncomplete = 0;
  rowsTotal = 0;
  /** Why a source could not be read to its end. */
  failure: ConnectorError | null = null;
  readonly #connect: () => Promise<DuckDBConnection>;
  readonly #sources: ReadonlyMap<string, RecordedSource>;
  readonly #waitFor: <T>(work: Promise<T>) => Promise<T>;

  /** `waitFor`: how to wait for work outside of virtual time. */
  constructor(
    connect: () => Promise<DuckDBConnection>,
    sources: ReadonlyMap<string, RecordedSource>,
    waitFor: <T>(work: Promise<T>) => Promise<T>,
  ) {
    this.#connect = connect;
    this.#sources = sources;
    this.#waitFor = waitFor;
  }

  checkColumns() {
    return [];
  }

  async open(context: OpenContext): Promise<SourceReader> {
    const recorded = this.#sources.get(context.source) as RecordedSource;
    const specs = context.needed.map((index) => context.columns[index] as OpenContext['columns'][number]);
    const select = selectText(context, recorded);
    const complete = specs.flatMap(({ name, nullable }) => (nullable ? [] : [`${quoteName(name)} IS NOT NULL`])).join(' AND ') || 'true';
    const order = context.eventTime === null ? '' : ` ORDER BY ${quoteName((context.columns[context.eventTime] as { name: string }).name)}`;
    const connection = await this.#waitFor(this.#connect());
    try {
      const counted = await this.#waitFor(
        connection.runAndReadAll(`SELECT count(*), count(*) FILTER (NOT (${complete})) FROM (${select})`),
      );
      const [all, incomplete] = (counted.getRows()[0] as bigint[]).map(Number) as [number, number];
      this.rowsTotal += all - incomplete;
      this.rowsIncomplete += incomplete;
    } catch (error) {
      connection.closeSync();
      throw unreadable(context.source, recorded, error);
    }
    const batches = streamBatches(connection, `SELECT * FROM (${select}) WHERE ${complete}${order}`, specs);
    return this.#reader(context.source, recorded, batches, () => connection.closeSync());
  }

  #reader(source: string, recorded: RecordedSource, batches: AsyncGenerator<Batch>, close: () => void): SourceReader {
    let from = 0;
    return {
      partitions: [partition],
      poll: async () => {
        const next = await this.#waitFor(batches.next()).catch((error: unknown) => {
          this.failure = unreadable(source, recorded, error);
          throw this.failure;
        });
        if (next.done) return { end: partition };
        this.rowsRead += next.value.rows;
        return { partition, batch: next.value, from: from++, to: from, rejected: [] };
      },
      acknowledge: async () => {},
      close: async () => close(),
    };
  }
}

function selectText({ source, columns, needed }: OpenContext, { file, columns: given, where }: RecordedSource): string {
  const cells = needed.map((index) => {
    const { name, type } = columns[index] as OpenContext['columns'][number];
    const expression = file.expression(name, given);
    if (expression !== null) return `CAST(${expression} AS ${sqlType(type)}) AS ${quoteName(name)}`;
    const known = file.columns.filter((column) => column !== fileColumn).join(', ');
    throw new ConnectorError(
      source,
      `${file.path} has no column "${name}", which the query reads; it has ${known}`,
      `say what it is: --column "${name}=EXPRESSION", with SQL over the columns of the file, or a constant`,
    );
  });
  return `SELECT ${cells.join(', ')} FROM ${file.relation}${where === null ? '' : ` WHERE (${where})`}`;
}

function unreadable(source: string, { file }: RecordedSource, error: unknown): ConnectorError {
  const hint = 'columns are cast to the types of the table; --column "name=EXPRESSION" says how, as "ts=to_timestamp(t)"';
  return new ConnectorError(source, `${file.path}: ${firstLine(error)}`, hint);
}
