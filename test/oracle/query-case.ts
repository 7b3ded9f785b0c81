import type { ScopeColumn } from './random-expression.ts';
import type { Schema } from './random-schema.ts';
import { latenessMicros } from './random-rows.ts';
import { type Term, termText } from './term.ts';

export interface Item extends ScopeColumn {
  readonly term: Term;
  /** Carries event time: a window over the result may go by it. */
  readonly time: boolean;
}

export interface WindowCall {
  readonly kind: 'tumble' | 'hop';
  readonly time: string;
  readonly slide: string;
  readonly size: string;
}

export interface Select {
  readonly cte: { readonly name: string; readonly select: Select } | null;
  readonly from: string | Select;
  readonly window: WindowCall | null;
  readonly items: readonly Item[];
  readonly where: readonly Term[];
  readonly grouped: boolean;
  readonly groups: readonly Term[];
  readonly having: readonly Term[];
}

export interface View {
  readonly name: string;
  /** Materialized; otherwise it is inlined where it is read. */
  readonly stored: boolean;
  readonly select: Select;
}

export interface QueryCase {
  readonly schema: Schema;
  readonly views: readonly View[];
}

export function selectText(select: Select): string {
  const { cte, from, window, items, where, grouped, groups, having } = select;
  const conjunction = (terms: readonly Term[]) => terms.map(termText).join(' AND ');
  const input = typeof from === 'string' ? from : `(${selectText(from)})`;
  const interval = (text: string) => `INTERVAL '${text}'`;
  const spans =
    window === null ? '' : window.kind === 'hop' ? `${interval(window.slide)}, ${interval(window.size)}` : interval(window.size);
  const parts = [
    cte === null ? '' : `WITH ${cte.name} AS (${selectText(cte.select)})`,
    `SELECT ${items.map((item) => (termText(item.term) === item.name ? item.name : `${termText(item.term)} AS ${item.name}`)).join(', ')}`,
    `FROM ${window === null ? input : `${window.kind}(${input}, ${window.time}, ${spans})`}`,
    where.length === 0 ? '' : `WHERE ${conjunction(where)}`,
    grouped && groups.length > 0 ? `GROUP BY ${groups.map(termText).join(', ')}` : '',
    having.length === 0 ? '' : `HAVING ${conjunction(having)}`,
  ];
  return parts.filter((part) => part !== '').join(' ');
}

/** A case as text. */
export interface WrittenCase {
  /** As in CREATE TABLE, by name. */
  readonly columns: Readonly<Record<string, string>>;
  readonly views: readonly { readonly name: string; readonly stored: boolean; readonly body: string; readonly options?: string }[];
}

export function writtenCase({ schema, views }: QueryCase): WrittenCase {
  return {
    columns: Object.fromEntries(schema.columns.map(({ name, type, notNull }) => [name, `${type}${notNull ? ' NOT NULL' : ''}`])),
    views: views.map(({ name, stored, select }) => ({ name, stored, body: selectText(select) })),
  };
}

export function columnDefinitions({ columns }: WrittenCase): string {
  return Object.entries(columns)
    .map(([name, type]) => `${name} ${type}`)
    .join(', ');
}

/** The query file of a case, two lines a statement, for an engine whose connector is called `rows`. */
export function catalogText(each: WrittenCase): string {
  const table = `CREATE TABLE t(${columnDefinitions(each)})\n  WITH (connector = rows, event_time = ts, max_lateness = '${latenessMicros / 1000} ms');`;
  const statements = each.views.map(({ name, stored, body, options }) => {
    const settings = options === undefined ? '' : ` WITH (${options})`;
    return `CREATE ${stored ? 'MATERIALIZED ' : ''}VIEW ${name}${settings} AS\n${body};`;
  });
  return [table, ...statements, ''].join('\n');
}
