import { QueryError, type Span } from '../diagnostic.ts';
import type { BodyTree } from './body-tree.ts';
import type { QueryShell } from './define-query.ts';

export interface ReadQuery {
  readonly shell: QueryShell;
  readonly tree: BodyTree;
}

/** Views before what reads them, whatever the order of files; otherwise as written. What reads itself is reported and left out. */
export function orderStatements(queries: readonly ReadQuery[], report: (query: ReadQuery, error: QueryError) => void): ReadQuery[] {
  const views = new Map(queries.filter(({ shell }) => shell.kind !== 'insert').map((query) => [query.shell.name.toLowerCase(), query]));
  const ordered: ReadQuery[] = [];
  const state = new Map<ReadQuery, 'open' | 'done' | 'faulty'>();
  const visit = (query: ReadQuery, path: readonly ReadQuery[]): void => {
    if (state.has(query)) return;
    state.set(query, 'open');
    for (const { name, span } of query.tree.reads) {
      const read = views.get(name.toLowerCase());
      if (read === undefined) continue;
      if (state.get(read) === 'open') {
        report(query, cycleError(read, [...path, query], span));
        state.set(query, 'faulty');
      } else visit(read, [...path, query]);
    }
    if (state.get(query) === 'faulty') return;
    state.set(query, 'done');
    ordered.push(query);
  };
  for (const query of queries) visit(query, []);
  return ordered;
}

function cycleError(start: ReadQuery, path: readonly ReadQuery[], span: Span): QueryError {
  const names = path.slice(path.indexOf(start)).map(({ shell }) => shell.name);
  return new QueryError('E0105', `view "${start.shell.name}" reads itself`, {
    span,
    note: names.length === 1 ? 'here' : `through ${names.slice(1).join(', ')}`,
    hint: 'a view can read only views that do not read it',
  });
}
