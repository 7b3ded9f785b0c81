import type { ColumnSpec } from '../../connectors/data-type.ts';
import { quoteName, quoteText, sqlType } from '../store/sql-text.ts';
import type { SourceDefinition } from '../plan/catalog.ts';
import { expandSeries } from './series.ts';
import { type Cell, emptyText, nullText } from './split-cells.ts';
import { TestFault, type TestStep } from './test-step.ts';
import { microsText, parseTime, withDay } from './test-time.ts';

type Insert = Extract<TestStep, { kind: 'insert' }>;
type Row = Insert['rows'][number];

const numeric = /INT$|^DECIMAL|^DOUBLE|^FLOAT/;

/** The INSERT that a table of rows stands for, series written out. Throws TestFault. */
export function insertText(step: Insert, source: SourceDefinition): string {
  const columns = step.columns.map((name) => {
    const column = source.columns.find((each) => each.name.toLowerCase() === name.toLowerCase());
    if (column !== undefined) return column;
    const names = source.columns.map((each) => each.name).join(', ');
    throw new TestFault(step.line + 1, `${source.name} has no column "${name}"`, `it has ${names}`);
  });
  const rows = step.rows.flatMap((row) => expandRow(row, columns, source, step.stepMs));
  const time = columns.findIndex((column) => column.name === source.eventTime);
  // Series of several rows are told one after the other, and come side by side.
  if (step.stepMs !== null && time >= 0) rows.sort((a, b) => compareTimes(a[time] as string, b[time] as string));
  const filled = unmentioned(columns, source, step.line);
  const names = [...columns, ...filled.map(({ column }) => column)].map((column) => quoteName(column.name)).join(', ');
  const rest = filled.map(({ value }) => value);
  return `INSERT INTO ${quoteName(source.name)} (${names}) VALUES ${rows.map((cells) => `(${[...cells, ...rest].join(', ')})`).join(', ')}`;
}

/** Of two literals; NULL comes first. */
function compareTimes(a: string, b: string): number {
  const [x, y] = [a, b].map((text) => parseTime(/'([^']*)'/.exec(text)?.[1] ?? '') ?? 0n) as [bigint, bigint];
  return x < y ? -1 : x > y ? 1 : 0;
}

/** Columns that may not be NULL and are not mentioned hold an empty text or 0. */
function unmentioned(columns: readonly ColumnSpec[], source: SourceDefinition, line: number): { column: ColumnSpec; value: string }[] {
  return source.columns.flatMap((column) => {
    if (column.nullable || columns.includes(column)) return [];
    if (column.name === source.eventTime)
      throw new TestFault(line + 1, `the event time of ${source.name} is missing`, `give the column ${column.name}`);
    const type = sqlType(column.type);
    if (type === 'VARCHAR') return [{ column, value: "''" }];
    if (type.startsWith('MAP')) return [{ column, value: 'MAP {}' }];
    return [{ column, value: `CAST(0 AS ${type})` }];
  });
}

/** SQL literals of the rows that a row with series stands for. */
function expandRow(row: Row, columns: readonly ColumnSpec[], source: SourceDefinition, stepMs: number | null): string[][] {
  const series = row.cells.map((cell, index) => {
    const isNumber = numeric.test(sqlType((columns[index] as ColumnSpec).type));
    return isNumber && !cell.quoted ? expandSeries(cell.text) : null;
  });
  const lengths = [...new Set(series.flatMap((values) => (values === null ? [] : [values.length])))];
  if (lengths.length > 1)
    throw new TestFault(row.line, `series of ${lengths.join(' and ')} values in one row`, 'they must be equally long');
  const length = lengths[0] ?? 1;
  const time = columns.findIndex((column) => column.name === source.eventTime);
  if (length > 1 && time >= 0 && stepMs === null)
    throw new TestFault(row.line, 'how far apart are the values of the series?', `insert ${source.name} step 10 s`);
  return Array.from({ length }, (_, i) =>
    row.cells.map((cell, index) => {
      const text = series[index]?.[i];
      const column = columns[index] as ColumnSpec;
      if (text !== undefined) return literal({ text, quoted: false }, column, row.line);
      return literal(index === time && i > 0 ? moved(cell, i * (stepMs ?? 0), row.line) : cell, column, row.line);
    }),
  );
}

function moved(cell: Cell, ms: number, line: number): Cell {
  const time = parseTime(cell.text);
  if (time === null) throw new TestFault(line, `a series begins at a time, not at "${cell.text}"`);
  return { text: microsText(time + BigInt(ms) * 1000n), quoted: false };
}

function literal({ text, quoted }: Cell, { type }: ColumnSpec, line: number): string {
  if (!quoted && text === nullText) return 'NULL';
  if (!quoted && text === emptyText) return "''";
  if (type.kind !== 'timestamp') return `CAST(${quoteText(text)} AS ${sqlType(type)})`;
  if (parseTime(text) === null && !/^-?infinity$/i.test(text))
    throw new TestFault(line, `"${text}" is no time`, 'write 00:00:10 or 2026-01-01 00:00:10');
  return `CAST(${quoteText(withDay(text))} AS TIMESTAMP)`;
}
