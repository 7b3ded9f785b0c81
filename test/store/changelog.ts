import type { Batch } from '../../connectors/batch.ts';
import type { ColumnSpec } from '../../connectors/data-type.ts';
import { buildBatch } from './build-batch.ts';

export const changelogColumns: readonly ColumnSpec[] = [
  { name: 'name', type: { kind: 'varchar' }, nullable: true },
  { name: 'part', type: { kind: 'integer' }, nullable: true },
  { name: 'value', type: { kind: 'double' }, nullable: true },
  { name: 'list', type: { kind: 'list', child: { kind: 'varchar' } }, nullable: true },
  { name: 'ts', type: { kind: 'timestamp' }, nullable: true },
];

type Row = readonly [name: string | null, part: number | null, value: number | null, list: readonly string[] | null, ts: bigint | null];
interface Change {
  readonly row: Row;
  readonly weight: number;
}

/** A random result that changes, epoch by epoch: what is told of each, and what must be there after it. The same for the same seed. */
export class Changelog {
  readonly #keyed: boolean;
  #state: number;
  #rows: Row[] = [];

  constructor(seed: number, keyed: boolean) {
    this.#state = seed;
    this.#keyed = keyed;
  }

  /** In the order in which a query would put them out: what is taken back comes before what replaces it. */
  epoch(changes: number): Batch[] {
    const log: Change[] = [];
    for (let count = 0; count < changes; count++) this.#change(log);
    const batches: Batch[] = [];
    for (let start = 0; start < log.length; ) {
      const end = start + 1 + this.#below(60);
      const part = log.slice(start, end);
      const weights = Int32Array.from(part, (change) => change.weight);
      const batch = buildBatch(
        changelogColumns,
        part.map((change) => change.row),
      );
      batches.push(part.every((change) => change.weight === 1) ? batch : { ...batch, weights });
      start = end;
    }
    return batches;
  }

  /** As text, sorted. */
  rows(): string[] {
    return this.#rows.map(rowText).sort();
  }

  #change(log: Change[]): void {
    const row = this.#row();
    const same = this.#keyed ? this.#rows.findIndex((each) => each[0] === row[0] && each[1] === row[1]) : -1;
    const any = this.#rows.length === 0 ? -1 : this.#below(this.#rows.length);
    const taken = same >= 0 ? same : this.#keyed || any < 0 || this.#below(3) === 0 ? -1 : any;
    if (taken >= 0) log.push({ row: this.#rows.splice(taken, 1)[0] as Row, weight: -1 });
    if (this.#below(5) === 0) return;
    const times = this.#keyed ? 1 : 1 + this.#below(3);
    log.push({ row, weight: times });
    for (let count = 0; count < times; count++) this.#rows.push(row);
  }

  #row(): Row {
    const name = this.#below(12) === 0 ? null : `name ${this.#below(8)} that is longer than a short string`;
    const part = this.#below(10) === 0 ? null : this.#below(3);
    const value = [null, Number.NaN, Number.POSITIVE_INFINITY, 0, this.#below(5), this.#below(1000) / 7][this.#below(6)] as number | null;
    const list = this.#below(6) === 0 ? null : Array.from({ length: this.#below(3) }, () => `entry ${this.#below(4)}`);
    return [name, part, value, list, this.#below(9) === 0 ? null : BigInt(this.#below(100)) * 1_000_000n];
  }

  #below(limit: number): number {
    this.#state = (Math.imul(this.#state, 1_103_515_245) + 12_345) >>> 0;
    return Math.floor(((this.#state >>> 8) / 2 ** 24) * limit);
  }
}

function rowText([name, part, value, list, ts]: Row): string {
  const items = list === null ? 'NULL' : `[${list.map((each) => `'${each}'`).join(', ')}]`;
  return [name ?? 'NULL', part ?? 'NULL', value === null ? 'NULL' : numberText(value), items, ts === null ? 'NULL' : String(ts)].join('|');
}

function numberText(value: number): string {
  if (Number.isNaN(value)) return 'nan';
  if (!Number.isFinite(value)) return value > 0 ? 'inf' : '-inf';
  return value.toFixed(6);
}

/** The same text of what a table holds. */
export const changelogSql = (table: string): string =>
  `SELECT concat_ws('|', coalesce(name, 'NULL'), coalesce(part::VARCHAR, 'NULL'),
    CASE WHEN value IS NULL THEN 'NULL' WHEN isfinite(value) THEN printf('%.6f', value) ELSE value::VARCHAR END,
    CASE WHEN list IS NULL THEN 'NULL' ELSE '[' || array_to_string(list_transform(list, lambda each: '''' || each || ''''), ', ') || ']' END,
    coalesce(epoch_us(ts)::VARCHAR, 'NULL')) FROM ${table}`;
