import type { ScopeColumn } from './random-expression.ts';
import type { Schema } from './random-schema.ts';
import { latenessMicros } from './random-rows.ts';
import { type Term, termText } from './term.ts';

export interface Item extends ScopeColumn {
  /** A double that is rounded where it is put out: what cancels to nothing leaves another last bit with another order of rows. */
  readonly cancels?: boolean;
  readonly term: Term;
  /** Carries event time: a window over the result may go by it. */
  readonly time: boolean;
}

export interface WindowCall {
  readonly kind: 'tumble' | 'hop' | 'session';
  readonly time: string;
  readonly slide: string;
  /** Of a session: the gap. */
  readonly size: string;
  /** Of a session. */
  readonly keys: readonly string[];
}

/** Two relations, called l and r in the terms of the query. */
export interface Join {
  readonly type: string;
  readonly left: string | Select;
  readonly right: string | Select;
  readonly on: readonly Term[];
}

export interface Select {
  readonly cte: { readonly name: string; readonly select: Select } | null;
  readonly from: string | Select | Join;
  readonly window: WindowCall | null;
  readonly distinct: boolean;
  readonly items: readonly Item[];
  readonly where: readonly Term[];
  readonly grouped: boolean;
  readonly groups: readonly Term[];
  readonly having: readonly Term[];
  readonly qualify: readonly Term[];
  /** Another SELECT with the same columns, put together with this one by UNION ALL. */
  readonly union: Select | null;
}

export interface View {
  readonly name: string;
  /** Materialized; otherwise it is inlined where it is read. */
  readonly stored: boolean;
  readonly select: Select;
  readonly options: string | null;
}

export function isJoin(from: Select['from']): from is Join {
  return typeof from !== 'string' && 'on' in from;
}

export interface QueryCase {
  readonly schema: Schema;
  readonly views: readonly View[];
}

export function selectText(select: Select): string {
  const { cte, distinct, items, where, grouped, groups, having, qualify, union } = select;
  const parts = [
    cte === null ? '' : `WITH ${cte.name} AS (${selectText(cte.select)})`,
    `SELECT ${distinct ? 'DISTINCT ' : ''}${items.map(itemText).join(', ')}`,
    `FROM ${fromText(select)}`,
    where.length === 0 ? '' : `WHERE ${conjunction(where)}`,
    grouped && groups.length > 0 ? `GROUP BY ${groups.map(termText).join(', ')}` : '',
    having.length === 0 ? '' : `HAVING ${conjunction(having)}`,
    qualify.length === 0 ? '' : `QUALIFY ${conjunction(qualify)}`,
    union === null ? '' : `UNION ALL ${selectText(union)}`,
  ];
  return parts.filter((part) => part !== '').join(' ');
}

function itemText({ name, term }: Item): string {
  return termText(term) === name ? name : `${termText(term)} AS ${name}`;
}

function conjunction(terms: readonly Term[]): string {
  return terms.map(termText).join(' AND ');
}

function relationText(from: string | Select): string {
  return typeof from === 'string' ? from : `(${selectText(from)})`;
}

function fromText({ from, window }: Select): string {
  if (isJoin(from)) return `${relationText(from.left)} AS l ${from.type} ${relationText(from.right)} AS r ON ${conjunction(from.on)}`;
  if (window === null) return relationText(from);
  const interval = (text: string) => `INTERVAL '${text}'`;
  const spans = {
    tumble: () => interval(window.size),
    hop: () => `${interval(window.slide)}, ${interval(window.size)}`,
    session: () => `${window.keys.length === 1 ? window.keys[0] : `(${window.keys.join(', ')})`}, ${interval(window.size)}`,
  };
  return `${window.kind}(${relationText(from)}, ${window.time}, ${spans[window.kind]()})`;
}

/** The sources of a case, with the same columns and other rows. */
export const sourceNames = ['t', 'u'] as const;

/** A case as text. */
export interface WrittenCase {
  /** As in CREATE TABLE, by name. */
  readonly columns: Readonly<Record<string, string>>;
  readonly views: readonly { readonly name: string; readonly stored: boolean; readonly body: string; readonly options?: string }[];
}

export function writtenCase({ schema, views }: QueryCase): WrittenCase {
  return {
    columns: Object.fromEntries(schema.columns.map(({ name, type, notNull }) => [name, `${type}${notNull ? ' NOT NULL' : ''}`])),
    views: views.map(({ name, stored, select, options }) => ({
      name,
      stored,
      body: selectText(select),
      ...(options === null ? {} : { options }),
    })),
  };
}

export function columnDefinitions({ columns }: WrittenCase): string {
  return Object.entries(columns)
    .map(([name, type]) => `${name} ${type}`)
    .join(', ');
}

/** The query file of a case, two lines a statement, for an engine whose connector is called `rows`. */
export function catalogText(each: WrittenCase): string {
  const tables = sourceNames.map(
    (name) =>
      `CREATE TABLE ${name}(${columnDefinitions(each)})\n  WITH (connector = rows, event_time = ts, max_lateness = '${latenessMicros / 1000} ms');`,
  );
  const statements = each.views.map(({ name, stored, body, options }) => {
    const settings = options === undefined ? '' : ` WITH (${options})`;
    return `CREATE ${stored ? 'MATERIALIZED ' : ''}VIEW ${name}${settings} AS\n${body};`;
  });
  return [...tables, ...statements, ''].join('\n');
}
