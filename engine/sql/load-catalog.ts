import { type Diagnostic, QueryError, type Span } from '../diagnostic.ts';
import type { Catalog, QueryDefinition, SourceDefinition, UserFunction } from '../plan/catalog.ts';
import { Binder } from './binder.ts';
import { withoutSpans } from '../plan/without-spans.ts';
import { readBodyTree } from './body-tree.ts';
import type { CatalogEntry } from './catalog-entry.ts';
import { bindQuery, defineQuery, isImmediate, queryId, type QueryShell, readerFacts } from './define-query.ts';
import { defineFunction } from './define-function.ts';
import { type ConnectorDeclaration, defineSource, type SinkDeclaration } from './define-source.ts';
import { orderStatements, type ReadQuery } from './order-statements.ts';
import type { QueryFile } from './read-query-files.ts';
import { readShell, type Shell } from './read-shell.ts';
import { SourceText } from './source-text.ts';
import { splitStatements, type Statement } from './split-statements.ts';
import { loadParser } from './tokens.ts';

/** More faults than a person reads at once are not listed. */
export const diagnosticsMax = 50;

export interface LoadEnvironment {
  /** Connectors that a source may name: `connectors` of connectors/registry.ts, or those of a test. */
  readonly connectors: ReadonlyMap<string, ConnectorDeclaration>;
  /** Connectors that a table with role = sink may name. */
  readonly sinks?: ReadonlyMap<string, SinkDeclaration>;
}

export interface LoadedCatalog {
  /** Everything that could be made sense of. It must not be run while `diagnostics` holds an error. */
  readonly catalog: Catalog;
  readonly diagnostics: readonly Diagnostic[];
  /** Query files read. */
  readonly files: number;
}

/** Parses, binds and analyses query files; statements may name each other in any order. Faults of all files are found, not the first only. */
export async function loadCatalog(files: readonly QueryFile[], environment: LoadEnvironment): Promise<LoadedCatalog> {
  await loadParser();
  const binder = await Binder.create();
  try {
    return await new CatalogLoader(binder, environment).load(files);
  } finally {
    binder.close();
  }
}

class CatalogLoader {
  readonly #binder: Binder;
  readonly #environment: LoadEnvironment;
  readonly #diagnostics: Diagnostic[] = [];
  /** By name in lower case: upper and lower case are the same to DuckDB. */
  readonly #entries = new Map<string, CatalogEntry>();
  /** Names that are declared but faulty: what reads them is not blamed for it. */
  readonly #faulty = new Set<string>();
  readonly #sources = new Map<string, SourceDefinition>();
  readonly #functions = new Map<string, UserFunction>();
  readonly #queries: QueryDefinition[] = [];
  readonly #ids = new Set<string>();

  constructor(binder: Binder, environment: LoadEnvironment) {
    this.#binder = binder;
    this.#environment = environment;
  }

  async load(files: readonly QueryFile[]): Promise<LoadedCatalog> {
    const shells = this.#withoutDuplicates(files.flatMap((file) => this.#readShells(file)));
    for (const shell of shells) if (shell.kind === 'function') await this.#guard(shell, () => this.#defineFunction(shell));
    for (const shell of shells) if (shell.kind === 'table') await this.#guard(shell, () => this.#defineTable(shell));
    const read: ReadQuery[] = [];
    for (const shell of shells) {
      if (shell.kind !== 'function' && shell.kind !== 'table')
        await this.#guard(shell, async () => read.push(await this.#readQuery(shell)));
    }
    const ordered = orderStatements(read, (query, error) => {
      this.#faulty.add(query.shell.name.toLowerCase());
      this.#report(query.shell, error);
    });
    for (const query of ordered) {
      const blamed = query.tree.reads.some(({ name }) => this.#faulty.has(name.toLowerCase()));
      if (blamed) this.#faulty.add(query.shell.name.toLowerCase());
      else await this.#guard(query.shell, () => this.#define(query));
    }
    const catalog: Catalog = { sources: this.#sources, queries: this.#queries };
    const order = new Map(files.map((file, index) => [file.path, index]));
    const sorted = this.#diagnostics.sort(
      (a, b) => (order.get(a.file) ?? 0) - (order.get(b.file) ?? 0) || a.line - b.line || a.column - b.column,
    );
    return { catalog, diagnostics: sorted.slice(0, diagnosticsMax), files: files.length };
  }

  #readShells(file: QueryFile): Shell[] {
    const source = new SourceText(file.path, file.text);
    let statements: Statement[];
    try {
      statements = splitStatements(source);
    } catch (error) {
      this.#addDiagnostic(source, error, { start: 0, end: 1 });
      return [];
    }
    return statements.flatMap((statement) => {
      try {
        return [readShell(statement)];
      } catch (error) {
        const first = statement.tokens[0]!;
        this.#addDiagnostic(source, error, { start: first.start, end: first.end });
        return [];
      }
    });
  }

  #withoutDuplicates(shells: readonly Shell[]): Shell[] {
    const first = new Map<string, Shell>();
    return shells.filter((shell) => {
      if (shell.kind === 'insert') return true;
      const earlier = first.get(shell.name.toLowerCase());
      first.set(shell.name.toLowerCase(), earlier ?? shell);
      if (earlier === undefined) return true;
      const { source, span } = earlier.statement;
      this.#report(
        shell,
        new QueryError('E0104', `"${shell.name}" is declared twice`, {
          span: shell.nameSpan,
          note: `first at ${source.path}:${source.position(span.start).line}`,
          hint: 'names of sources, views and functions are shared by all files',
        }),
      );
      return false;
    });
  }

  async #defineFunction(shell: Extract<Shell, { kind: 'function' }>): Promise<void> {
    this.#functions.set(shell.name, await defineFunction(shell, this.#binder));
  }

  async #defineTable(shell: Extract<Shell, { kind: 'table' }>): Promise<void> {
    const source = await defineSource(shell, {
      binder: this.#binder,
      connectors: this.#environment.connectors,
      sinks: this.#environment.sinks ?? new Map(),
      report: (error, severity) => this.#report(shell, error, severity),
    });
    this.#sources.set(source.name, source);
    this.#entries.set(source.name.toLowerCase(), { kind: 'source', columns: source.columns, source });
  }

  async #readQuery(shell: QueryShell): Promise<ReadQuery> {
    const { source, tokens } = shell.statement;
    const tree = await this.#binder.parse(source.slice(shell.body.start, shell.body.end));
    return { shell, tree: readBodyTree(tree, source, shell.body, tokens) };
  }

  async #define({ shell, tree }: ReadQuery): Promise<void> {
    const context = {
      binder: this.#binder,
      entries: this.#entries,
      functions: this.#functions,
      report: (error: QueryError, severity?: 'error' | 'warning') => this.#report(shell, error, severity),
    };
    for (const { name, span } of tree.reads) {
      const entry = this.#entries.get(name.toLowerCase());
      if (entry?.kind === 'source' && entry.source.role === 'sink')
        throw new QueryError('E0215', `"${name}" is a sink and cannot be read`, { span });
    }
    const names = tree.reads.map((each) => each.name);
    const bound = await bindQuery(shell, names, context);
    if (shell.kind === 'view') {
      for (const option of shell.options) context.report(viewOption(option.nameSpan));
      await this.#binder.declareView(shell.name, bound.schema);
      this.#entries.set(shell.name.toLowerCase(), { kind: 'inlined', columns: bound.schema, plan: withoutSpans(bound.plan) });
      return;
    }
    const query = { ...defineQuery(shell, bound, context), id: this.#uniqueId(shell) };
    this.#queries.push(query);
    if (query.kind === 'insert') return;
    await this.#binder.declareView(shell.name, bound.schema);
    this.#entries.set(shell.name.toLowerCase(), {
      kind: 'stored',
      columns: query.schema,
      clock: query.clock,
      immediate: isImmediate(query),
      facts: readerFacts(query),
      changes: query.resultChanges,
      key: query.resultKey?.map((index) => query.schema[index]!.name) ?? null,
    });
  }

  #uniqueId(shell: QueryShell): string {
    const base = queryId(shell);
    let id = base;
    if (this.#ids.has(id)) id = `${base}_${shell.name}`;
    for (let count = 2; this.#ids.has(id); count++) id = `${base}_${count}`;
    this.#ids.add(id);
    return id;
  }

  async #guard(shell: Shell, define: () => Promise<unknown>): Promise<void> {
    try {
      await define();
    } catch (error) {
      if (shell.kind !== 'insert') this.#faulty.add(shell.name.toLowerCase());
      this.#addDiagnostic(shell.statement.source, error instanceof QueryError ? error : notUnderstood(error), shell.nameSpan);
    }
  }

  #report(shell: Shell, error: QueryError, severity: Diagnostic['severity'] = 'error'): void {
    this.#diagnostics.push(shell.statement.source.diagnostic(error, shell.nameSpan, severity));
  }

  #addDiagnostic(source: SourceText, error: unknown, fallback: Span): void {
    if (!(error instanceof QueryError)) throw error;
    this.#diagnostics.push(source.diagnostic(error, fallback));
  }
}

/** DuckDB gave something that the adapter does not know: one query cannot run, the others can. */
function notUnderstood(error: unknown): QueryError {
  const message = String(error instanceof Error ? error.message : error).split('\n')[0] ?? '';
  return new QueryError('E0290', `the plan of this query is not understood: ${message}`, { hint: 'please report it, with the query' });
}

function viewOption(span: Span): QueryError {
  return new QueryError('E0118', 'a plain view takes no options', {
    span,
    hint: 'its rows are not kept: CREATE MATERIALIZED VIEW takes options',
  });
}
