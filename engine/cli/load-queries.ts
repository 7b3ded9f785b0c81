import { connectors } from '../../connectors/registry.ts';
import { sinks } from '../../connectors/sinks.ts';
import { compileQuery } from '../compile/compile-query.ts';
import { type Diagnostic, QueryError } from '../diagnostic.ts';
import type { Catalog, QueryDefinition } from '../plan/catalog.ts';
import { loadCatalog } from '../sql/load-catalog.ts';
import { readQueryFiles } from '../sql/read-query-files.ts';
import { SourceText } from '../sql/source-text.ts';

export interface LoadedQueries {
  readonly catalog: Catalog;
  /** Errors and warnings of every file: what cannot be understood, and what no kernel runs yet. */
  readonly diagnostics: readonly Diagnostic[];
  readonly files: number;
  /** Where in its file a fault is that was found later. */
  readonly locate: (file: string, error: QueryError) => Diagnostic;
}

/** Reads, binds and analyses query files, and generates every kernel (without compiling it): whatever is wrong is known afterwards. */
export async function loadQueries(paths: readonly string[]): Promise<LoadedQueries> {
  const { files, diagnostics: unreadable } = await readQueryFiles(paths);
  const { catalog, diagnostics } = await loadCatalog(files, { connectors, sinks });
  const texts = new Map(files.map((file) => [file.path, new SourceText(file.path, file.text)]));
  const refused = catalog.queries.flatMap((query) => refusal(query, texts) ?? []);
  const locate = (file: string, error: QueryError) => (texts.get(file) as SourceText).diagnostic(error, { start: 0, end: 0 });
  return { catalog, diagnostics: [...unreadable, ...diagnostics, ...refused], files: files.length, locate };
}

function refusal(query: QueryDefinition, texts: ReadonlyMap<string, SourceText>): Diagnostic | undefined {
  try {
    compileQuery(query);
    return undefined;
  } catch (error) {
    const text = texts.get(query.file);
    if (!(error instanceof QueryError) || text === undefined) throw error;
    return text.diagnostic(error, query.bodySpan);
  }
}
