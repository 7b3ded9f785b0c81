import type { ModuleBuilder } from './module-builder.ts';

const rowsMax = 8192;
/** Rows that are looked at ahead, before the first of them is done. */
export const aheadRows = 64;

/** Runs statements for each `row`, number `next / 2` of those held; when the condition holds. */
export interface AheadPass {
  readonly condition?: string;
  readonly lines: readonly string[];
}

/**
 * The rows of a batch that a stage has still to put out: their numbers, which row is next and how far it is done. The columns stay
 * where they are until the stage is drained.
 */
export class HeldRows {
  readonly #numbers: string;
  readonly #state: string;

  constructor(module: ModuleBuilder, stage: number) {
    this.#numbers = `held${stage}`;
    this.#state = `holding${stage}`;
    module.reserve(this.#numbers, rowsMax * 2 + 16);
    module.reserve(this.#state, 16);
  }

  /** Statements at the end of a flow. */
  hold(): string[] {
    return [
      `memory.copy(${this.#numbers}, from, to - from);`,
      `store<u32>(${this.#state}, 0);`,
      `store<u32>(${this.#state}, <u32>(to - from), 4);`,
      `store<u32>(${this.#state}, 0, 8);`,
    ];
  }

  /**
   * Statements that go on where they stopped, for at most a batch of output rows: `each` runs for a `row`, counts rows put out in `o` and
   * the part of the row that is done in `done`; it ends with `done` at 0 when all of the row is put out.
   * `ahead`: passes over some rows that are soon to come.
   */
  resume(each: readonly string[], ahead: readonly AheadPass[] = []): string[] {
    const passes = ahead.flatMap(({ condition, lines }) => [
      `    for (let next = ${condition === undefined ? 'at' : `${condition} ? at : aheadTo`}; next < aheadTo; next += 2) {`,
      `      const row = <usize>load<u16>(${this.#numbers} + next);`,
      ...lines.map((line) => `      ${line}`),
      '    }',
    ]);
    const look = ['  if (at >= aheadTo) {', `    aheadTo = min<usize>(at + ${aheadRows * 2}, end);`, ...passes, '  }'];
    return [
      `let at = <usize>load<u32>(${this.#state});`,
      `const end = <usize>load<u32>(${this.#state}, 4);`,
      `let done = load<u32>(${this.#state}, 8);`,
      ...(ahead.length === 0 ? [] : ['let aheadTo = at;']),
      `while (at < end && o < ${rowsMax}) {`,
      ...(ahead.length === 0 ? [] : look),
      `  const row = <usize>load<u16>(${this.#numbers} + at);`,
      ...each.map((line) => `  ${line}`),
      '  if (done == 0) at += 2;',
      '}',
      `store<u32>(${this.#state}, <u32>at);`,
      `store<u32>(${this.#state}, done, 8);`,
    ];
  }

  /** Functions of a stage that keeps nothing but these rows. */
  static functions(stage: number): string[] {
    return [
      `function start${stage}(): void {\n}`,
      `function close${stage}(watermark: i64): void {\n}`,
      `function oldest${stage}(): i64 {\n  return i64.MAX_VALUE;\n}`,
      `function stateRows${stage}(): f64 {\n  return 0;\n}`,
      `function stateBytes${stage}(): f64 {\n  return 0;\n}`,
    ];
  }
}
