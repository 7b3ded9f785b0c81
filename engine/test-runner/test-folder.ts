import { readdir, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { connectors } from '../../connectors/registry.ts';
import { sinks } from '../../connectors/sinks.ts';
import type { Compiler } from '../compile/compiler.ts';
import { compileQuery } from '../compile/compile-query.ts';
import type { QueryProgram } from '../compile/program.ts';
import { type Diagnostic, QueryError } from '../diagnostic.ts';
import type { Catalog, QueryDefinition } from '../plan/catalog.ts';
import { loadCatalog } from '../sql/load-catalog.ts';
import { type QueryFile, readQueryFiles } from '../sql/read-query-files.ts';
import { SourceText } from '../sql/source-text.ts';
import type { Programs } from './test-engine.ts';

const testEnding = '.test';

/** Tests among the paths: `name.test`, `name.sql` for the test beside it, every test of a folder at any depth. */
export async function findTests(paths: readonly string[]): Promise<string[]> {
  const found = new Set<string>();
  for (const path of paths) {
    if ((await stat(path)).isDirectory()) for (const test of await testsUnder(path)) found.add(test);
    else found.add(path.replace(/\.sql$/, testEnding));
  }
  return [...found];
}

async function testsUnder(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  const tests: string[] = [];
  for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) tests.push(...(await testsUnder(path)));
    else if (entry.name.endsWith(testEnding)) tests.push(path);
  }
  return tests;
}

/** The query files of a folder, loaded once for all its tests; each query is compiled once. */
export class TestFolder {
  readonly catalog: Catalog;
  readonly #files: readonly QueryFile[];
  readonly #diagnostics: readonly Diagnostic[];
  readonly #compiler: Compiler;
  readonly #programs = new Map<QueryDefinition, Promise<QueryProgram>>();

  private constructor(files: readonly QueryFile[], catalog: Catalog, diagnostics: readonly Diagnostic[], compiler: Compiler) {
    this.#files = files;
    this.catalog = catalog;
    this.#diagnostics = diagnostics;
    this.#compiler = compiler;
  }

  static async load(folder: string, compiler: Compiler): Promise<TestFolder> {
    const { files } = await readQueryFiles([folder]);
    const own = files.filter((file) => dirname(file.path) === folder);
    const { catalog, diagnostics } = await loadCatalog(own, environment);
    return new TestFolder(own, catalog, diagnostics, compiler);
  }

  has(path: string): boolean {
    return this.#files.some((file) => file.path === path);
  }

  /** Errors of a query file, and of the files that declare what it reads. */
  errorsOf(path: string): readonly Diagnostic[] {
    const errors = this.#diagnostics.filter(({ severity }) => severity === 'error');
    const own = errors.filter(({ file }) => file === path);
    const defined = this.catalog.queries.some((query) => query.file === path);
    return own.length > 0 || defined ? own : errors;
  }

  /** Throws QueryError, with its place as a Diagnostic, when a query cannot run. */
  async programs(queries: readonly QueryDefinition[]): Promise<Programs> {
    return new Map(await Promise.all(queries.map(async (query) => [query.id, await this.#program(query)] as const)));
  }

  #program(query: QueryDefinition): Promise<QueryProgram> {
    const known = this.#programs.get(query) ?? this.#compiler.compile(query);
    this.#programs.set(query, known);
    return known;
  }

  diagnostic(error: QueryError, query: QueryDefinition): Diagnostic {
    const file = this.#files.find(({ path }) => path === query.file) as QueryFile;
    return new SourceText(file.path, file.text).diagnostic(error, query.bodySpan);
  }

  /** A statement of a test together with the folder's: null, or the first error as `E0204 message`. */
  async judge(statement: string): Promise<string | null> {
    const path = 'statement.sql';
    const { catalog, diagnostics } = await loadCatalog([...this.#files, { path, text: statement }], environment);
    const error = diagnostics.find(({ file, severity }) => file === path && severity === 'error');
    if (error !== undefined) return `${error.code} ${error.message}`;
    try {
      for (const query of catalog.queries) if (query.file === path) compileQuery(query);
      return null;
    } catch (refusal) {
      if (!(refusal instanceof QueryError)) throw refusal;
      return `${refusal.code} ${refusal.message}`;
    }
  }
}

const environment = { connectors, sinks };
