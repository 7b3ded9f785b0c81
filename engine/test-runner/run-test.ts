import type { Catalog, SourceDefinition } from '../plan/catalog.ts';
import { ingestTimeName } from '../run/lane/ingest-time.ts';
import { quoteName } from '../store/sql-text.ts';
import { answerLines, compareAnswer } from './compare-answer.ts';
import { insertText } from './insert-text.ts';
import { partitionDefault } from './parse-test.ts';
import type { TestDatabase } from './test-database.ts';
import { type Programs, StreamFailure, TestEngine } from './test-engine.ts';
import { type Expected, TestFault, type TestStep } from './test-step.ts';
import { parseTime } from './test-time.ts';

export interface Failure {
  readonly line: number;
  readonly message: string;
  readonly hint?: string | undefined;
  readonly diff?: readonly string[];
}

/** What a step should expect instead. */
export interface Correction {
  readonly expected: Expected;
  readonly lines: readonly string[];
}

export interface TestOutcome {
  readonly failures: readonly Failure[];
  readonly corrections: readonly Correction[];
  /** Answers that were looked at. */
  readonly checks: number;
}

/** What a test needs besides its steps. */
export interface TestBench {
  readonly catalog: Catalog;
  readonly programs: Programs;
  readonly database: TestDatabase;
  /** Whether the front end and the compiler take a statement of the dialect: null, or the error as `E0204 message`. */
  readonly judge: (statement: string) => Promise<string | null>;
}

/** Runs the steps one after the other; a wrong answer does not end the test, any other fault does. */
export async function runTest(steps: readonly TestStep[], bench: TestBench): Promise<TestOutcome> {
  const run = new TestRun(steps, bench);
  return run.run(steps);
}

class TestRun {
  readonly #bench: TestBench;
  readonly #engine: TestEngine;
  readonly #failures: Failure[] = [];
  readonly #corrections: Correction[] = [];
  #checks = 0;

  constructor(steps: readonly TestStep[], bench: TestBench) {
    this.#bench = bench;
    this.#engine = new TestEngine(bench.catalog, bench.programs, bench.database, partitionsOf(steps));
  }

  async run(steps: readonly TestStep[]): Promise<TestOutcome> {
    await this.#bench.database.begin([...this.#bench.catalog.sources.values()].map(givenBy));
    try {
      for (const step of steps) {
        try {
          await this.#step(step);
        } catch (error) {
          this.#failures.push(failureOf(error, step));
          break;
        }
      }
    } finally {
      await this.#engine.close();
    }
    return { failures: this.#failures, corrections: this.#corrections, checks: this.#checks };
  }

  async #step(step: TestStep): Promise<void> {
    switch (step.kind) {
      case 'insert':
        return this.#insert(insertText(step, givenBy(this.#source(step.source, step.line))), step.partition, step.line);
      case 'statement':
        return this.#statement(step);
      case 'query':
        return this.#check(/^\w+$/.test(step.sql) ? `FROM ${quoteName(step.sql)}` : step.sql, step.expected, step.line, step.ordered);
      case 'late': {
        const source = this.#source(step.source, step.line);
        const columns = step.columns === '' ? source.columns.map((column) => quoteName(column.name)).join(', ') : step.columns;
        return this.#check(`SELECT ${columns} FROM ${quoteName(`${source.name}__late`)}`, step.expected, step.line, false);
      }
      case 'advance':
        return this.#engine.advance(parseTime(step.time) as bigint);
      case 'idle':
        return this.#engine.idle(step.ms);
      case 'lanes':
        if (this.#engine.started) throw new TestFault(step.line, 'lanes are set before the first rows', 'move the line up');
        this.#engine.lanes = step.count;
        return;
      case 'restart':
        return this.#engine.restart();
      case 'end':
        return this.#engine.end();
    }
  }

  async #insert(statement: string, partition: string, line: number): Promise<void> {
    const given = await this.#bench.database.insert(statement).catch((error: unknown) => {
      throw new TestFault(line, firstLine(error));
    });
    for (const { source, batches } of given) await this.#engine.give(source, partition, batches);
  }

  async #statement({ sql, fails, expected, line }: Extract<TestStep, { kind: 'statement' }>): Promise<void> {
    const error = await this.#errorOf(sql, line);
    if (!fails) {
      if (error !== null) this.#failures.push({ line, message: `the statement fails: ${error}` });
      return;
    }
    this.#checks++;
    if (error === null) {
      this.#failures.push({ line, message: 'the statement is expected to fail, and does not' });
      return;
    }
    const wanted = expected?.rows.join('\n').trim() ?? '';
    if (error.includes(wanted)) return;
    this.#failures.push({ line, message: 'the statement fails with another error', diff: [`- ${wanted}`, `+ ${error}`] });
    if (expected !== null) this.#corrections.push({ expected, lines: [error] });
  }

  /** An INSERT of rows is carried out; any other statement is only judged. */
  async #errorOf(sql: string, line: number): Promise<string | null> {
    const target = /^insert\s+into\s+"?(\w+)/i.exec(sql)?.[1];
    const isSource = [...this.#bench.catalog.sources.keys()].some((name) => name.toLowerCase() === target?.toLowerCase());
    if (!isSource) return this.#bench.judge(sql);
    try {
      await this.#insert(sql, partitionDefault, line);
      return null;
    } catch (error) {
      if (!(error instanceof TestFault || error instanceof StreamFailure)) throw error;
      return error.message;
    }
  }

  async #check(sql: string, expected: Expected, line: number, ordered: boolean): Promise<void> {
    this.#checks++;
    await this.#engine.flush();
    const overdrawn = await this.#bench.database.overdrawn();
    if (overdrawn !== null) throw new TestFault(line, `"${overdrawn}" has taken back rows that it never added`);
    const answer = await this.#bench.database.answer(sql, ordered).catch((error: unknown) => {
      throw new TestFault(line + 1, firstLine(error), `the test can ask: ${this.#askable().join(', ')}`);
    });
    const { equal, diff } = compareAnswer(expected.rows, answer, ordered);
    if (equal) return;
    this.#failures.push({ line, message: 'the answer is another', diff });
    this.#corrections.push({ expected, lines: answerLines(answer) });
  }

  #askable(): string[] {
    const { queries, sources } = this.#bench.catalog;
    return [...new Set([...queries.map((query) => query.name), ...sources.keys()])];
  }

  #source(name: string, line: number): SourceDefinition {
    const { sources } = this.#bench.catalog;
    const source = [...sources.values()].find((each) => each.name.toLowerCase() === name.toLowerCase());
    if (source !== undefined) return source;
    throw new TestFault(line, `the queries tested read no source "${name}"`, `they read ${[...sources.keys()].join(', ')}`);
  }
}

/** When a row came in is told by the test's clock, not by its rows. */
function givenBy(source: SourceDefinition): SourceDefinition {
  return { ...source, columns: source.columns.filter(({ name }) => name !== ingestTimeName) };
}

function partitionsOf(steps: readonly TestStep[]): Map<string, string[]> {
  const partitions = new Map<string, string[]>();
  for (const step of steps) {
    if (step.kind !== 'insert') continue;
    const names = partitions.get(step.source) ?? [];
    if (!names.includes(step.partition)) names.push(step.partition);
    partitions.set(step.source, names);
  }
  return partitions;
}

function failureOf(error: unknown, step: TestStep): Failure {
  if (error instanceof TestFault) return { line: error.line, message: error.message, hint: error.hint };
  if (error instanceof StreamFailure) return { line: step.line, message: error.message };
  // A fault of the engine, not of the test: whoever reports it needs to say where it was.
  return { line: step.line, message: error instanceof Error ? (error.stack ?? error.message) : String(error) };
}

function firstLine(error: unknown): string {
  return String(error instanceof Error ? error.message : error).split('\n')[0] ?? '';
}
