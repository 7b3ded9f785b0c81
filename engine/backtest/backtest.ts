import type { Catalog, QueryDefinition, SourceDefinition } from '../plan/catalog.ts';
import { ingestTimeName } from '../run/lane/ingest-time.ts';
import type { Programs } from '../test-runner/test-engine.ts';
import { BacktestError } from './backtest-error.ts';
import { CollectedResults } from './collect-results.ts';
import { stepOfQuery } from './forecast-step.ts';
import { type BacktestMeasures, measure, type Skip } from './measure.ts';
import { placeLabels } from './place-labels.ts';
import { readLabels } from './read-labels.ts';
import type { RecordedSource } from './recorded-connector.ts';
import { type ColumnExpressions, openReader, RecordedFile } from './recorded-file.ts';
import { type ChosenColumns, type ResultColumns, resultColumns } from './result-columns.ts';
import { recordedCatalog, runRecorded } from './run-recorded.ts';

export interface BacktestOptions {
  /** Path, or SOURCE=path where the query reads several. */
  readonly data: readonly string[];
  readonly where: string | null;
  /** Of the data, by name of the source's column. */
  readonly columns: ColumnExpressions;
  readonly labels: string | null;
  readonly labelColumns: ColumnExpressions;
  /** Of the result, by what they say. */
  readonly chosen: ChosenColumns;
  /** Of the result, which tell series apart; null: as the query learns. */
  readonly series: readonly string[] | null;
  readonly threshold: number | null;
  readonly skip: Skip;
  /** Milliseconds from one value of a forecast to the next; null: as the query says, else as far apart as rows are. */
  readonly stepMs: number | null;
}

export interface Backtest extends BacktestMeasures {
  readonly query: QueryDefinition;
  readonly rowsRead: number;
  readonly warnings: readonly string[];
  /** A band of forecasts or of a detector, scores: what there is to draw. */
  readonly scored: boolean;
}

/** Runs a query over recorded data and measures what it says. Throws BacktestError. */
export async function backtest(
  folder: Catalog,
  query: QueryDefinition,
  programs: (queries: readonly QueryDefinition[]) => Promise<Programs>,
  options: BacktestOptions,
  onProgress: (rowsRead: number, rowsTotal: number) => void,
): Promise<Backtest> {
  if (query.resultChanges) throw new BacktestError(`rows of ${query.id} change after they have come`, 'backtest a query with emit = final');
  const columns = resultColumns(query, options.chosen, options.series);
  refuseThreshold(query, columns, options.threshold);
  const catalog = recordedCatalog(folder, query);
  const connect = await openReader();
  const connection = await connect();
  try {
    const sources = await recordedSources(catalog, options, (path) => RecordedFile.open(connection, path));
    const keys = columns.keys.map(({ name }) => name);
    const labels = options.labels === null ? null : await readLabels(connection, options.labels, options.labelColumns, keys);
    const results = new CollectedResults(columns, columns.alarm === null ? options.threshold : null);
    const outcome = await runRecorded({
      query,
      catalog,
      programs: await programs(catalog.queries),
      sources,
      connect,
      onRows: (batch) => results.add(batch),
      onProgress,
    });
    const series = results.finish();
    if (outcome.rowsRead === 0)
      throw new BacktestError(`the data has no rows: ${options.data.join(', ')}`, 'look at --where, --column and the file');
    if (series.length === 0)
      throw new BacktestError(
        `${query.id} has no result over ${outcome.rowsRead} rows`,
        'does its WHERE take none of them? --column "name=EXPRESSION" sets what it asks for',
      );
    const placed = labels === null ? null : placeLabels(labels, series);
    const alarmed = columns.alarm !== null || options.threshold !== null;
    const stepMicros = options.stepMs === null ? stepOfQuery(query) : options.stepMs * 1000;
    const measured = measure(series, columns, alarmed, placed, { skip: options.skip, stepMicros });
    const warnings = [
      ...(alarmed || columns.score === null
        ? []
        : ['the result has no alarm column: without --alarm or --threshold only its score is measured']),
      ...(placed?.warnings ?? []),
      ...(outcome.rowsIncomplete === 0
        ? []
        : [`${outcome.rowsIncomplete} rows have no value where a column is NOT NULL, and are left out`]),
      ...(outcome.rowsLate === 0 ? [] : [`${outcome.rowsLate} rows came late, and are left out`]),
      ...(results.rowsWithoutTime === 0 ? [] : [`${results.rowsWithoutTime} rows of the result have no time, and are left out`]),
    ];
    return { ...measured, query, rowsRead: outcome.rowsRead, warnings, scored: columns.score !== null };
  } finally {
    connection.closeSync();
  }
}

function refuseThreshold({ id }: QueryDefinition, { alarm, score }: ResultColumns, threshold: number | null): void {
  if (threshold === null) return;
  if (alarm !== null) throw new BacktestError(`${id} says itself what alarms: ${alarm.name}`, 'leave --threshold out');
  if (score === null) throw new BacktestError(`${id} has no score that could reach --threshold`, 'name one: --score NAME');
}

async function recordedSources(
  { sources }: Catalog,
  { data, where, columns }: BacktestOptions,
  open: (path: string) => Promise<RecordedFile>,
): Promise<Map<string, RecordedSource>> {
  const names = [...sources.keys()];
  const paths = new Map(data.map((each): [string, string] => pathOf(each, names)));
  if (paths.size < data.length)
    throw new BacktestError('two files are given for one table', 'several files of one kind are read by a pattern: --data "folder/*.csv"');
  const missing = names.find((name) => !paths.has(name));
  if (missing !== undefined)
    throw new BacktestError(`there is no data for table ${missing}`, `the query reads ${names.join(', ')}: --data ${missing}=PATH`);
  refuseUnknownColumns([...sources.values()], columns);
  const opened = [...paths].map(
    async ([name, path]): Promise<[string, RecordedSource]> => [name, { file: await open(path), columns, where }],
  );
  return new Map(await Promise.all(opened));
}

function pathOf(text: string, names: readonly string[]): [string, string] {
  const name = names.find((each) => text.toLowerCase().startsWith(`${each.toLowerCase()}=`));
  if (name !== undefined) return [name, text.slice(name.length + 1)];
  const [only, ...more] = names;
  if (only !== undefined && more.length === 0) return [only, text];
  throw new BacktestError(`which table is ${text} the data of?`, `the query reads ${names.join(', ')}: --data NAME=PATH for each`);
}

function refuseUnknownColumns(sources: readonly SourceDefinition[], columns: ColumnExpressions): void {
  const known = sources.flatMap((source) => source.columns.map(({ name }) => name)).filter((name) => name !== ingestTimeName);
  const unknown = [...columns.keys()].find((name) => !known.some((each) => each.toLowerCase() === name));
  if (unknown !== undefined)
    throw new BacktestError(`--column: no table of the query has a column "${unknown}"`, `there are ${known.join(', ')}`);
}
