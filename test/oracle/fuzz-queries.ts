import type { Compiler } from '../../engine/compile/compiler.ts';
import type { QueryProgram } from '../../engine/compile/program.ts';
import type { QueryDefinition } from '../../engine/plan/catalog.ts';
import { Random } from '../connectors/random.ts';
import type { Row } from './compare-rows.ts';
import { catalogText, type QueryCase, sourceNames, writtenCase } from './query-case.ts';
import { randomQueries, type Subject } from './random-query.ts';
import { randomTables, type RowSet } from './random-rows.ts';
import { randomSchema } from './random-schema.ts';
import { CaseReference, judge, type Prepared, prepareCase, type Tables } from './run-case.ts';
import { type EngineFeed, engineCase } from './run-engine-case.ts';
import { shrinkCase, shrinkRows } from './shrink.ts';
import { streamCase } from './stream-case.ts';

export interface FuzzReport {
  /** Views that ran, and answers that were compared. */
  views: number;
  answers: number;
  rows: number;
  /** Answers that were failures in both. */
  failed: number;
  readonly refused: Map<string, number>;
  readonly faults: string[];
}

export interface FuzzOptions {
  readonly seed: number;
  /** Views to make. */
  readonly cases: number;
  readonly shrinkAttemptsMax: number;
  readonly about?: readonly Subject[];
  /** Streams for each schema and its views. */
  readonly streams?: number;
  /** How often (0 to 1) an instance gives way to one made of its image. */
  readonly images?: number;
  /** Only where batches have so many rows (1). */
  readonly imagesFromRows?: number;
  readonly log?: (text: string) => void;
}

const viewsPerSchema = 6;
const rowSetsPerSchema = 4;
/** Above so many rows DuckDB merges partial states of one thread, and then its `last` is not the last, nor its `first` the first. */
const orderedRowsMax = 1500;
/** Joins by few values make the square of so many rows. */
const joinedRowsMax = 1000;

/** Runs the views of a case over rows in one way. */
type Run = (prepared: Prepared, tables: Tables) => Promise<Map<string, Row[] | string>>;

export async function fuzzQueries(compiler: Compiler, options: FuzzOptions): Promise<FuzzReport> {
  const report: FuzzReport = { views: 0, answers: 0, rows: 0, failed: 0, refused: new Map(), faults: [] };
  for (let made = 0, seed = options.seed; made < options.cases; made += viewsPerSchema, seed++) {
    const random = new Random(seed);
    const each = randomQueries(random, randomSchema(random), Math.min(viewsPerSchema, options.cases - made), options.about);
    await new CaseFuzzer(compiler, options, report, each, seed).run(random);
  }
  return report;
}

class CaseFuzzer {
  readonly #compiler: Compiler;
  readonly #options: FuzzOptions;
  readonly #report: FuzzReport;
  readonly #case: QueryCase;
  readonly #seed: number;
  /** Views that were found wrong once are not looked at again. */
  readonly #wrong = new Set<string>();

  constructor(compiler: Compiler, options: FuzzOptions, report: FuzzReport, each: QueryCase, seed: number) {
    this.#compiler = compiler;
    this.#options = options;
    this.#report = report;
    this.#case = each;
    this.#seed = seed;
  }

  async run(random: Random): Promise<void> {
    const written = writtenCase(this.#case);
    const prepared = await prepareCase(this.#compiler, written);
    this.#report.views += prepared.compiled.length;
    for (const fault of prepared.faults) this.#fault(fault);
    for (const reason of prepared.refused.values()) {
      const kind = reason.replace(/"[^"]*"/g, '"..."');
      this.#report.refused.set(kind, (this.#report.refused.get(kind) ?? 0) + 1);
    }
    const text = written.views.map((view) => view.body).join(' ');
    const rowsMax = / JOIN /.test(text) ? joinedRowsMax : /\b(last|first|any_value)\(/.test(text) ? orderedRowsMax : 9000;
    const reference = await CaseReference.create(written);
    for (let index = 0; index < (this.#options.streams ?? rowSetsPerSchema); index++) {
      const rowSet = randomTables(random, this.#case.schema, rowsMax);
      const tables = await reference.load(rowSet.selects);
      const expected = await reference.answers();
      for (const [how, run] of runsOf(random, rowSet, text, this.#options))
        await this.#compare(prepared, tables, expected, rowSet, how, run);
    }
    reference.close();
  }

  async #compare(
    prepared: Prepared,
    tables: Tables,
    expected: ReadonlyMap<string, Row[] | string>,
    rowSet: RowSet,
    how: string,
    run: Run,
  ): Promise<void> {
    // Rows that a stateless view has failed at are not read again after a restart.
    const restarts = / cut at \d/.test(how);
    const got = await run(prepared, tables).catch((error: Error) => error);
    if (got instanceof Error) {
      this.#fault(`${how} throws: ${got.stack}\n${catalogText(writtenCase(this.#case))}`);
      return;
    }
    for (const { definition, program } of prepared.compiled) {
      const { name } = definition;
      if (this.#wrong.has(name)) continue;
      const right = expected.get(name);
      this.#report.answers++;
      if (typeof right === 'string') this.#report.failed++;
      else this.#report.rows += right?.length ?? 0;
      if (
        typeof right === 'string' &&
        typeof got.get(name) !== 'string' &&
        ((restarts && !isWindowed(definition, program)) || this.#skipsRows(name))
      )
        continue;
      if (this.#takesRowsByTime(name)) continue;
      if (this.#failsEarlier(name, got.get(name), right)) continue;
      const wrong = judge(got.get(name), right);
      if (wrong === null) continue;
      this.#wrong.add(name);
      this.#fault(`${name} with ${how}, ${rowSet.rows} rows: ${wrong}\n${await this.#smallest(name, rowSet, run, wrong)}`);
    }
  }

  /** Whether its text leaves open for which rows an expression is computed, so that it may fail or not. */
  #skipsRows(name: string): boolean {
    const { views } = writtenCase(this.#case);
    const body = views.find((view) => view.name === name)?.body ?? '';
    return /\b(WITH|WHERE|HAVING|v\d)\b|\(SELECT/.test(body);
  }

  /** Early results take rows in the order of their time: first and last are not those that came first and last. */
  #takesRowsByTime(name: string): boolean {
    const view = writtenCase(this.#case).views.find((each) => each.name === name);
    return /emit_early/.test(view?.options ?? '') && /\b(first|last|any_value)\(/.test(view?.body ?? '');
  }

  /**
   * Of two filters one after the other DuckDB may try the second first, and then needs not what overflows in the first. A view whose input
   * has failed: the input is judged, and what of it this view's SELECT needs is open.
   */
  #failsEarlier(name: string, got: Row[] | string | undefined, right: Row[] | string | undefined): boolean {
    if (typeof got === 'string' && /its input has failed/.test(got)) return true;
    if (typeof got !== 'string' || typeof right === 'string' || !/overflow|out of range|cannot be cast/.test(got)) return false;
    const body = writtenCase(this.#case).views.find((view) => view.name === name)?.body ?? '';
    return (body.match(/\b(WHERE|HAVING)\b/g) ?? []).length > 1;
  }

  /** A small case that goes wrong in the same way, as text. */
  async #smallest(name: string, rowSet: RowSet, run: Run, wrong: string): Promise<string> {
    const { shrinkAttemptsMax } = this.#options;
    const every = rowSet.numbers;
    const fails = async (each: QueryCase, rows: readonly number[]) => {
      const found = await verdict(this.#compiler, each, name, rowSet, rows, run);
      return found !== null && kindOf(found.wrong) === kindOf(wrong);
    };
    if (!(await fails(this.#case, every))) return 'it does not go wrong a second time';
    const rows = await shrinkRows(every, (smaller) => fails(this.#case, smaller), shrinkAttemptsMax / 2);
    const small = await shrinkCase(this.#case, (smaller) => fails(smaller, rows), shrinkAttemptsMax);
    const fewest = await shrinkRows(rows, (smaller) => fails(small, smaller), shrinkAttemptsMax);
    const last = await verdict(this.#compiler, small, name, rowSet, fewest, run);
    return `${catalogText(writtenCase(small))}\n${last?.rows.slice(0, 40).join('\n')}\n${last?.wrong}`;
  }

  #fault(text: string): void {
    const message = `MILLRACE_SEED=${this.#seed}: ${text}`;
    this.#report.faults.push(message);
    this.#options.log?.(message);
  }
}

function isWindowed({ reads }: QueryDefinition, { stateless }: QueryProgram): boolean {
  return !stateless && reads.every((name) => (sourceNames as readonly string[]).includes(name));
}

function kindOf(wrong: string): string {
  return /^(gives|fails|no answer)/.exec(wrong)?.[0] ?? (/^the kernel trapped/.test(wrong) ? 'trap' : 'differs');
}

/** What is wrong with one view of a case over some of the rows; null when nothing is, or when the case does not run. */
async function verdict(
  compiler: Compiler,
  each: QueryCase,
  name: string,
  rowSet: RowSet,
  rows: readonly number[],
  run: Run,
): Promise<{ wrong: string; rows: string[] } | null> {
  const reference = await CaseReference.create(writtenCase(each));
  try {
    const tables = await reference.load(rowSet.selects, rows);
    const expected = (await reference.answers()).get(name);
    if (expected === undefined || (typeof expected === 'string' && /^(Binder|Parser|Catalog)/.test(expected))) return null;
    const prepared = await prepareCase(compiler, writtenCase(each));
    if (!prepared.compiled.some(({ definition }) => definition.name === name)) return null;
    const wrong = judge((await run(prepared, tables)).get(name), expected);
    return wrong === null ? null : { wrong, rows: await reference.literals() };
  } catch {
    return null;
  } finally {
    reference.close();
  }
}

function runsOf(random: Random, { rows }: RowSet, text: string, options: FuzzOptions): [string, Run][] {
  const sizes = rows <= 200 ? [1, 7, 8192] : rows <= 2000 ? [7, 1000] : [random.pick([1000, 8192])];
  const { images: share, imagesFromRows = 1 } = options;
  const runs = sizes.map((batchRows): [string, Run] => {
    const seed = random.below(2 ** 31);
    const images = share === undefined || batchRows < imagesFromRows ? {} : { images: share };
    return [`batches of ${batchRows}`, (prepared, tables) => streamCase(prepared, tables, { batchRows, seed, ...images })];
  });
  if (rows < 2 || rows > 2000) return runs;
  const oneOrder = /\b(first|last|any_value)\(/.test(text);
  const feed: EngineFeed = {
    lanes: random.pick([1, 3]),
    partitions: oneOrder ? 1 : random.pick([1, 2, 3]),
    batchRows: random.pick([7, 100, 1000]),
    pauseEvery: Math.max(1, Math.floor(rows / 4)),
    cuts: random.pick([[], [2500], [1200, 700, 2500]]),
  };
  const run: Run = async (prepared, tables) => await engineCase(prepared, tables, feed);
  const how = `an engine of ${feed.lanes} lanes, ${feed.partitions} partitions, batches of ${feed.batchRows}, cut at ${feed.cuts.join(', ') || 'no time'}`;
  return [...runs, [how, run]];
}
