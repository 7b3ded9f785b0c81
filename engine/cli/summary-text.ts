import type { RuntimeStatus } from '../run/runtime-status.ts';
import { formatBytes } from '../status/format-bytes.ts';
import { formatDuration } from '../status/format-duration.ts';
import { countOf, formatNumber } from '../status/format-number.ts';
import type { Style } from './style.ts';

type Cells = readonly string[];

/** What `millrace run` leaves in the terminal: every source, every query, what it cost. */
export function summaryText(status: RuntimeStatus, style: Style): string {
  const sources = Object.entries(status.sources);
  const queries = Object.entries(status.queries);
  const rowsIn = sources.reduce((sum, [, source]) => sum + source.rows, 0);
  const rowsOut = queries.reduce((sum, [, query]) => sum + query.rowsOut, 0);
  const wallMs = status.now - status.startedAt;
  return [
    '',
    ...table(
      ['source', 'rows', 'late', 'rejected', 'state'],
      sources.map(([name, { rows, late, rejected, state }]) => [
        name,
        formatNumber(rows),
        formatNumber(late),
        formatNumber(rejected),
        state,
      ]),
      style,
    ),
    '',
    ...table(
      ['query', 'rows in', 'filtered', 'rows out', 'cpu', 'state'],
      queries.map(([id, query]) => [
        id,
        formatNumber(query.rowsIn),
        formatNumber(query.filtered),
        formatNumber(query.rowsOut),
        `${query.cpuSeconds.toFixed(2)} s`,
        query.state,
      ]),
      style,
    ),
    '',
    ...queries.flatMap(([id, query]) => (query.error === null ? [] : [`${style.red('error')}: ${id}: ${query.error}`])),
    ...sources.flatMap(([name, source]) => (source.error === null ? [] : [`${style.red('error')}: ${name}: ${source.error}`])),
    `${countOf(rowsIn, 'row')} in, ${countOf(rowsOut, 'row')} out in ${formatDuration(wallMs)}; ${status.process.cpuSeconds.toFixed(1)} s of CPU, ${formatBytes(status.process.rssBytesMax)} of memory at most; everything is committed`,
    '',
  ].join('\n');
}

function table(head: Cells, rows: readonly Cells[], style: Style): string[] {
  const widths = head.map((title, column) => Math.max(title.length, ...rows.map((row) => (row[column] as string).length)));
  const last = head.length - 1;
  const line = (cells: Cells) =>
    cells
      .map((cell, column) =>
        column === 0 || column === last ? cell.padEnd(widths[column] as number) : cell.padStart(widths[column] as number),
      )
      .join('   ')
      .trimEnd();
  return [style.dim(line(head)), ...rows.map(line)];
}
