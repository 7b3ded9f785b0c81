import { quoteName, sqlType } from './sql-text.ts';
import type { Generation } from './stream-state.ts';

/** Hidden columns of a segment whose rows change; a view names its columns, so nobody sees them. */
export const keyHash = quoteName('millrace key');
export const changedAt = quoteName('millrace changed');
/** Hidden column of the table that an epoch's changes are first written to. */
export const weight = quoteName('millrace weight');

/** Every segment's columns as they stand in CREATE TABLE. */
export function segmentColumns({ columns, changing }: Generation): string {
  const declared = columnsText(columns);
  return changing === null ? declared : `${declared}, ${keyHash} UBIGINT, ${changedAt} TIMESTAMP`;
}

export function changeColumns({ columns }: Generation): string {
  return `${columnsText(columns)}, ${weight} INTEGER`;
}

function columnsText(columns: Generation['columns']): string {
  return columns.map(({ name, type }) => `${quoteName(name)} ${sqlType(type)}`).join(', ');
}

export interface ChangeStatements {
  /** Makes `net`: each different row of `staged` with how often it is added or taken back in all. */
  readonly net: string;
  /** One row: whether two rows to add share a key. */
  readonly clash: string | null;
  readonly remove: string;
  readonly add: string;
  /** As `add`, when keys clash: the row made last stays. */
  readonly addLast: string;
}

/** How changes in the table `staged` become rows of `segment`, by way of the table `net`. NULLs of a key are equal. */
export function changeStatements(generation: Generation, segment: string, staged: string, net: string): ChangeStatements {
  const { columns, changing } = generation;
  const names = columns.map(({ name }) => quoteName(name));
  const key = (changing?.key ?? columns.map(({ name }) => name)).map(quoteName);
  const hash = key.length === 0 ? '0::UBIGINT' : `hash(${key.join(', ')})`;
  const same = [`t.${keyHash} = n.${keyHash}`, ...key.map((name) => `t.${name} IS NOT DISTINCT FROM n.${name}`)].join(' AND ');
  const all = names.join(', ');
  const base = {
    net: `CREATE OR REPLACE TEMP TABLE ${net} AS SELECT ${all}, ${hash} AS ${keyHash}, sum(${weight})::BIGINT AS ${weight}, max(rowid) AS made
      FROM ${staged} GROUP BY ${all} HAVING sum(${weight}) <> 0`,
  };
  const added = `SELECT ${all}, ${keyHash}, $1::TIMESTAMP FROM`;
  if (changing?.key == null) {
    const add = `INSERT INTO ${segment} ${added} (SELECT *, unnest(range(${weight})) FROM ${net} WHERE ${weight} > 0)`;
    return { ...base, clash: null, remove: removeCounted(segment, net, same), add, addLast: add };
  }
  return {
    ...base,
    clash: `SELECT count(*) > count(DISTINCT ${keyHash}) FROM ${net} WHERE ${weight} > 0`,
    remove: `DELETE FROM ${segment} AS t USING ${net} AS n WHERE ${same}`,
    add: `INSERT INTO ${segment} ${added} ${net} WHERE ${weight} > 0`,
    addLast: `INSERT INTO ${segment} ${added} ${net} WHERE ${weight} > 0
      QUALIFY row_number() OVER (PARTITION BY ${[keyHash, ...key].join(', ')} ORDER BY made DESC) = 1`,
  };
}

/** Of equal rows as many as are taken back. */
function removeCounted(segment: string, net: string, same: string): string {
  return `DELETE FROM ${segment} WHERE rowid IN (SELECT found FROM (
    SELECT t.rowid AS found, -n.${weight} AS wanted, row_number() OVER (PARTITION BY n.rowid) AS number
    FROM ${segment} AS t JOIN ${net} AS n ON ${same} WHERE n.${weight} < 0) WHERE number <= wanted)`;
}
