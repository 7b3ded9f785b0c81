import type { DataType } from '../../connectors/data-type.ts';
import type { QueryDefinition } from '../plan/catalog.ts';
import { seriesColumns } from '../status/series-columns.ts';
import { BacktestError } from './backtest-error.ts';
import { type ColumnPath, numberKinds, timeKinds } from './column-values.ts';

/** What a column of the result may say. */
export type Role = 'time' | 'value' | 'score' | 'alarm' | 'lower' | 'upper' | 'mean';

/** Names by which a column is known, the likeliest first. */
const names: Readonly<Record<Role, readonly string[]>> = {
  time: ['ts', 'time', 'timestamp'],
  value: ['value'],
  score: ['score', 'anomaly_score'],
  alarm: ['is_alarm', 'alarm'],
  lower: ['lower'],
  upper: ['upper'],
  mean: ['mean'],
};
/** Numbers of a detector or a forecast that are no values. */
const otherNames = new Set([
  ...Object.values(names).flat(),
  ...['expected', 'confidence', 'season_strength', 'minutes_until', 'probability', 'risk', 'deviation', 'threshold'],
]);

export type ChosenColumns = Readonly<Partial<Record<Role, string>>>;

export interface ResultColumns {
  readonly time: ColumnPath;
  /** Tell one series from another; none: all rows are one. */
  readonly keys: readonly ColumnPath[];
  readonly value: ColumnPath | null;
  readonly score: ColumnPath | null;
  readonly alarm: ColumnPath | null;
  /** Both, or neither. */
  readonly band: { readonly lower: ColumnPath; readonly upper: ColumnPath } | null;
  /** Lists by step ahead. */
  readonly forecast: { readonly mean: ColumnPath; readonly lower: ColumnPath | null; readonly upper: ColumnPath | null } | null;
}

/** What the columns of a result mean, by the names given or by their own. Throws BacktestError. */
export function resultColumns(query: QueryDefinition, chosen: ChosenColumns, series: readonly string[] | null): ResultColumns {
  const paths = pathsOf(query);
  const known = seriesColumns(query);
  const find = (role: Role, fits: (type: DataType) => boolean): ColumnPath | null => {
    const told = chosen[role];
    if (told !== undefined) return named(paths, told, `--${role}`, fits);
    for (const name of names[role]) {
      const found = paths.find((path) => lastPart(path) === name && fits(path.type));
      if (found !== undefined) return found;
    }
    return null;
  };
  const edge = (role: 'lower' | 'upper', fits: (type: DataType) => boolean): ColumnPath | null => {
    const found = chosen[role] === undefined ? find(role, fits) : find(role, (type) => isNumber(type) || isNumbers(type));
    return found !== null && fits(found.type) ? found : null;
  };
  const isTime = (type: DataType) => timeKinds.has(type.kind);
  const time =
    chosen.time === undefined
      ? known.time === null
        ? null
        : (paths.find(({ name }) => name === known.time) ?? null)
      : find('time', isTime);
  if (time === null || !isTime(time.type))
    throw new BacktestError(`${query.id} has no column with the time of its rows`, 'select it, or name it: --time COLUMN');
  const keyNames = series ?? (known.keys.length > 0 ? known.keys : paths.filter(({ name }) => name === 'series').map(({ name }) => name));
  const keys = keyNames.map((name) => named(paths, name, '--series', (type) => !isList(type)));
  const value =
    find('value', isNumber) ??
    paths.find((path) => known.values.includes(path.name) && isNumber(path.type) && !otherNames.has(path.name)) ??
    null;
  const [lower, upper] = [edge('lower', isNumber), edge('upper', isNumber)];
  const mean = find('mean', isNumbers);
  const forecast = mean === null ? null : { mean, lower: edge('lower', isNumbers), upper: edge('upper', isNumbers) };
  const result: ResultColumns = {
    time,
    keys,
    value,
    score: find('score', isNumber),
    alarm: find('alarm', isNumber),
    band: lower === null || upper === null ? null : { lower, upper },
    forecast,
  };
  requireSomething(query, result);
  return result;
}

function requireSomething({ id, options, reads, schema }: QueryDefinition, { alarm, score, band, forecast, value }: ResultColumns): void {
  if (options.kind === 'alert' && alarm === null && forecast === null)
    throw new BacktestError(
      `${id} is an alert: its rows are alarms alone, and say nothing of the time between them`,
      `backtest the query that it reads: ${reads.join(' or ')}`,
    );
  if (alarm === null && score === null && band === null && forecast === null)
    throw new BacktestError(
      `${id} has no alarm column, and no score, band or forecast: there is nothing to measure`,
      `select is_alarm, score, lower and upper, or mean; or name a column: --alarm NAME, --score NAME. It has ${schema.map(({ name }) => name).join(', ')}`,
    );
  if (forecast !== null && value === null)
    throw new BacktestError(
      `${id} does not say what values came: a forecast is measured by them`,
      'select the value, or name it: --value NAME',
    );
}

function pathsOf({ schema }: QueryDefinition): ColumnPath[] {
  const whole = schema.map(({ name, type }, column): ColumnPath => ({ name, type, column, field: null }));
  const fields = schema.flatMap(({ name, type }, column) =>
    type.kind === 'struct'
      ? type.fields.map((each, field): ColumnPath => ({ name: `${name}.${each.name}`, type: each.type, column, field }))
      : [],
  );
  return [...whole, ...fields];
}

function named(paths: readonly ColumnPath[], name: string, option: string, fits: (type: DataType) => boolean): ColumnPath {
  const found = paths.find((path) => path.name.toLowerCase() === name.toLowerCase());
  const known = paths.map((path) => path.name).join(', ');
  if (found === undefined) throw new BacktestError(`${option}: the result has no column "${name}"`, `it has ${known}`);
  if (!fits(found.type))
    throw new BacktestError(`${option}: "${name}" is ${found.type.kind.toUpperCase()}`, 'cast it in the query, or name another column');
  return found;
}

function lastPart({ name }: ColumnPath): string {
  return name.slice(name.lastIndexOf('.') + 1).toLowerCase();
}

function isNumber(type: DataType): boolean {
  return numberKinds.has(type.kind);
}

function isList(type: DataType): boolean {
  return type.kind === 'list' || type.kind === 'struct' || type.kind === 'map';
}

function isNumbers(type: DataType): boolean {
  return type.kind === 'list' && isNumber(type.child);
}
