import type { Completion, CompletionContext, CompletionResult } from '@codemirror/autocomplete';
import type { CatalogAnswer } from '../../status/api-types.ts';
import { quoteName } from './sql-link.ts';

const functions =
  'count sum avg min max median stddev_samp quantile_cont approx_quantile approx_count_distinct arg_min arg_max first last list date_trunc time_bucket date_part epoch_ms now strftime coalesce nullif round floor abs greatest least lower upper length regexp_matches string_agg lag lead row_number rank'.split(
    ' ',
  );
const keywords =
  'SELECT FROM WHERE GROUP BY ORDER BY LIMIT HAVING JOIN LEFT JOIN ASOF JOIN USING ON AS AND OR NOT NULL IN BETWEEN LIKE CASE WHEN THEN ELSE END FILTER INTERVAL DISTINCT DESC ASC WITH UNION ALL OVER PARTITION BY QUALIFY DESCRIBE SUMMARIZE SHOW TABLES'.split(
    ' ',
  );

/** From the engine's own catalogue: columns of the tables in the statement first, then tables, functions, keywords. Quiet until a letter is typed. */
export function completeFrom(catalog: CatalogAnswer): (context: CompletionContext) => CompletionResult | null {
  const tables = catalog.tables.filter((table) => table.stored);
  return (context) => {
    const word = context.matchBefore(/\w+/);
    if (word === null && !context.explicit) return null;
    if (word !== null && /^\d/.test(word.text)) return null;
    const text = context.state.doc.toString().toLowerCase();
    const named = tables.filter((table) => new RegExp(`\\b${table.name.toLowerCase().replace(/[^\w]/g, '\\$&')}\\b`).test(text));
    const columns = new Map<string, Completion>();
    for (const table of named.length > 0 ? named : tables) {
      for (const { name, type } of table.columns) {
        if (!columns.has(name))
          columns.set(name, { label: name, apply: quoteName(name), detail: `${type.toLowerCase()}  ${table.name}`, boost: 9 });
      }
    }
    const options: Completion[] = [
      ...columns.values(),
      ...tables.map(({ name, kind }) => ({ label: name, apply: quoteName(name), detail: kind, boost: 5 })),
      ...functions.map((name) => ({ label: name, apply: `${name}(`, detail: 'function', boost: 2 })),
      ...[...new Set(keywords)].map((label) => ({ label, boost: 0 })),
    ];
    return { from: word?.from ?? context.pos, options, validFor: /^\w*$/ };
  };
}
