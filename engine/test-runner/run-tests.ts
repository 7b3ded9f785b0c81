import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Compiler } from '../compile/compiler.ts';
import { QueryError } from '../diagnostic.ts';
import type { QueryDefinition } from '../plan/catalog.ts';
import { renderDiagnostics } from '../sql/diagnostic-text.ts';
import { correctTest } from './correct-test.ts';
import { parseTest } from './parse-test.ts';
import { type Failure, runTest, type TestOutcome } from './run-test.ts';
import { testCatalog } from './test-catalog.ts';
import { TestDatabase } from './test-database.ts';
import { TestFolder } from './test-folder.ts';
import { TestFault, type TestStep } from './test-step.ts';

export interface TestReport {
  readonly path: string;
  readonly failures: readonly Failure[];
  readonly checks: number;
  /** Expectations that were rewritten. */
  readonly updated: number;
  readonly ms: number;
}

/** Runs tests one after the other; folders are loaded and queries compiled once. */
export class TestRunner {
  readonly #compiler: Compiler;
  readonly #update: boolean;
  readonly #folders = new Map<string, Promise<TestFolder>>();
  #database: Promise<TestDatabase> | null = null;

  constructor(compiler: Compiler, update: boolean) {
    this.#compiler = compiler;
    this.#update = update;
  }

  async run(path: string): Promise<TestReport> {
    const begun = performance.now();
    const { failures, checks, updated } = await this.#run(path);
    return { path, failures, checks, updated, ms: performance.now() - begun };
  }

  async close(): Promise<void> {
    (await this.#database)?.close();
  }

  /** Compiles the queries of all these tests, several at a time; what cannot be compiled is told by its test. */
  async prepare(paths: readonly string[]): Promise<void> {
    await Promise.all(
      paths.map(async (path) => {
        const sql = queryFileOf(path);
        const folder = await this.#folder(dirname(sql));
        await folder.programs(testCatalog(folder.catalog, queriesOf(folder, sql)).queries).catch(() => undefined);
      }),
    );
  }

  async #run(path: string): Promise<TestOutcome & { updated: number }> {
    try {
      if (!existsSync(path)) throw new TestFault(0, 'there is no such test', 'a test stands beside its query file: name.test for name.sql');
      const text = await readFile(path, 'utf8');
      const outcome = await this.#runSteps(parseTest(text), path);
      const { corrections } = outcome;
      if (!this.#update || corrections.length === 0) return { ...outcome, updated: 0 };
      await writeFile(path, correctTest(text, corrections));
      const lines = new Set(corrections.map(({ expected }) => expected));
      const rest = outcome.failures.filter(({ diff }) => diff === undefined);
      return { ...outcome, failures: rest, updated: lines.size };
    } catch (error) {
      if (!(error instanceof TestFault)) throw error;
      const { line, message, hint } = error;
      return { failures: [{ line, message, hint }], corrections: [], checks: 0, updated: 0 };
    }
  }

  async #runSteps(steps: readonly TestStep[], path: string): Promise<TestOutcome> {
    const sql = queryFileOf(path);
    const folder = await this.#folder(dirname(sql));
    if (!folder.has(sql)) throw new TestFault(0, `there is no ${sql} beside it`, 'a test stands beside its query file');
    const errors = folder.errorsOf(sql);
    if (errors.length > 0) throw new TestFault(0, `its queries have errors:\n${renderDiagnostics(errors.slice(0, 1))}`);
    const catalog = testCatalog(folder.catalog, queriesOf(folder, sql));
    if (catalog.queries.length === 0) throw new TestFault(0, `${sql} holds no query to test`);
    for (const query of catalog.queries) await this.#requireProgram(folder, query);
    this.#database ??= TestDatabase.create();
    const programs = await folder.programs(catalog.queries);
    return runTest(steps, { catalog, programs, database: await this.#database, judge: (statement) => folder.judge(statement) });
  }

  async #requireProgram(folder: TestFolder, query: QueryDefinition): Promise<void> {
    try {
      await folder.programs([query]);
    } catch (error) {
      if (!(error instanceof QueryError)) throw new TestFault(0, String(error instanceof Error ? error.message : error));
      throw new TestFault(0, `its query cannot run:\n${renderDiagnostics([folder.diagnostic(error, query)])}`);
    }
  }

  #folder(path: string): Promise<TestFolder> {
    const known = this.#folders.get(path) ?? TestFolder.load(path, this.#compiler);
    this.#folders.set(path, known);
    return known;
  }
}

function queryFileOf(test: string): string {
  return test.replace(/\.test$/, '.sql');
}

function queriesOf(folder: TestFolder, sql: string): QueryDefinition[] {
  return folder.catalog.queries.filter((query) => query.file === sql);
}
