import type { SqlResult } from '../store/store.ts';
import { pageSqlKeptMs, pageSqlTimeoutMs } from './limits.ts';
import type { SqlSource } from './sql-route.ts';

const keptMax = 256;

/** What pages ask of the store. Ten pages that look at the same query ask once. */
export class PageSql {
  readonly #sql: SqlSource;
  readonly #kept = new Map<string, { readonly at: number; readonly result: Promise<SqlResult> }>();

  constructor(sql: SqlSource) {
    this.#sql = sql;
  }

  ask(statement: string, rowsMax: number): Promise<SqlResult> {
    const now = performance.now();
    const key = `${rowsMax} ${statement}`;
    const kept = this.#kept.get(key);
    if (kept !== undefined && now - kept.at < pageSqlKeptMs) return kept.result;
    for (const [old, { at }] of this.#kept) if (now - at >= pageSqlKeptMs || this.#kept.size >= keptMax) this.#kept.delete(old);
    const result = this.#sql.query({ sql: statement, rowsMax, timeoutMs: pageSqlTimeoutMs });
    this.#kept.set(key, { at: now, result });
    return result;
  }
}
