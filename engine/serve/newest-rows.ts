import type { QueryDefinition } from '../plan/catalog.ts';
import { quoteName } from '../plan/type-name.ts';
import { rejectedName } from '../run/lane/side-streams.ts';
import type { QueryErrorEntry, QueryPage } from '../status/api-types.ts';
import { seriesColumns } from '../status/series-columns.ts';
import { SqlError } from '../store/store.ts';
import { newestRowsMax } from './limits.ts';
import type { PageSql } from './page-sql.ts';

const rejectedShownMax = 20;
const sampleCharactersMax = 500;

/** The newest rows that a query has stored, newest first. */
export async function newestRows(query: QueryDefinition, sql: PageSql): Promise<Pick<QueryPage, 'rows' | 'window' | 'rowsError'>> {
  if (query.kind === 'insert') return { rows: [], window: null, rowsError: `its rows go to ${query.name} and are not stored` };
  const { time } = seriesColumns(query);
  const end = query.schema.some((column) => column.name === 'window_end') ? 'window_end' : time;
  const shown = end === null ? 'NULL' : `epoch_ms(CAST(${quoteName(end)} AS TIMESTAMP))`;
  const order = time === null ? '' : ` ORDER BY ${quoteName(time)} DESC NULLS LAST`;
  const columns = query.schema.map((column) => quoteName(column.name)).join(', ');
  const statement = `SELECT ${columns}, ${shown} FROM ${quoteName(query.name)}${order} LIMIT ${newestRowsMax}`;
  try {
    const result = await sql.ask(statement, newestRowsMax);
    const width = query.schema.length;
    const window = result.rows[0]?.[width];
    return { rows: result.rows.map((row) => row.slice(0, width)), window: typeof window === 'number' ? window : null, rowsError: null };
  } catch (error) {
    if (error instanceof SqlError) return { rows: [], window: null, rowsError: error.message };
    throw error;
  }
}

/** Why rows of a source were rejected, newest first, each reason with the row it was last seen in. */
export async function rejectedRows(source: string, sql: PageSql): Promise<QueryErrorEntry[]> {
  const table = quoteName(rejectedName(source));
  const newest = `SELECT epoch_ms(max(time)) AS t, count(*) AS n, field, reason, arg_max("at", time) AS "at", arg_max(bytes, time) AS bytes
    FROM ${table} WHERE time > (SELECT max(time) FROM ${table}) - INTERVAL 1 HOUR GROUP BY field, reason ORDER BY t DESC LIMIT ${rejectedShownMax}`;
  const sample = `left(coalesce(TRY(decode(bytes)), CAST(bytes AS VARCHAR)), ${sampleCharactersMax})`;
  const statement = `SELECT t, n, field, reason, "at", ${sample} FROM (${newest}) ORDER BY t DESC`;
  try {
    const { rows } = await sql.ask(statement, rejectedShownMax);
    return rows.map(([t, n, field, reason, at, sample]) => ({
      t: Number(t),
      n: Number(n),
      code: 'rejected',
      where: `${source} ${String(at)}`,
      text: field === null ? String(reason) : `${String(field)}: ${String(reason)}`,
      sample: sample === null ? null : String(sample),
    }));
  } catch (error) {
    if (error instanceof SqlError) return [];
    throw error;
  }
}
