import type { PlanNode } from '../../plan/plan.ts';
import type { GroupLayout } from '../group-layout.ts';
import type { ModuleBuilder } from '../module-builder.ts';
import { RowLayout } from '../row-layout.ts';
import type { RowScope } from '../row-scope.ts';
import type { SessionContent } from './session-state.ts';

/** A kept row starts with the address of the next one of its session. */
const rowHeader = 8;

/** The rows of sessions, each with the columns that something above reads, in a list in order of arrival: first u32, last u32. */
export class SessionRows implements SessionContent {
  readonly layout: GroupLayout;
  readonly bytes: number;
  readonly pool: string;
  readonly rowLayout: RowLayout;
  readonly #module: ModuleBuilder;
  readonly #listAt: number;
  readonly #columns: readonly number[];

  constructor(module: ModuleBuilder, number: number, layout: GroupLayout, scope: RowScope, node: PlanNode, needed: ReadonlySet<number>) {
    this.#module = module;
    this.layout = layout;
    this.#listAt = layout.bytes;
    this.bytes = layout.bytes + 8;
    this.pool = `rows${number}`;
    module.reserve(this.pool, 32);
    const width = 'input' in node ? node.input.schema.length : 0;
    this.#columns = Array.from({ length: width }, (_, k) => k).filter((k) => needed.has(k));
    this.rowLayout = new RowLayout(
      this.#columns.map((k) => scope.column(k)),
      rowHeader,
    );
  }

  create(): string[] {
    return [`store<u64>(p, 0, ${this.#listAt});`];
  }

  /** Statements that add the row of the scope to the session at `p`. */
  add(scope: RowScope): string[] {
    const values = this.#columns.map((k) => scope.column(k));
    return [
      `const kept = ${this.#module.import('record-pool', 'takeRecord')}(${this.pool});`,
      'store<u32>(kept, 0);',
      ...this.rowLayout.write(values, 'kept'),
      `const last = <usize>load<u32>(p, ${this.#listAt + 4});`,
      `if (last == 0) store<u32>(p, <u32>kept, ${this.#listAt});`,
      'else store<u32>(last, <u32>kept);',
      `store<u32>(p, <u32>kept, ${this.#listAt + 4});`,
    ];
  }

  merge(): string[] {
    return [
      `store<u32>(<usize>load<u32>(p, ${this.#listAt + 4}), load<u32>(q, ${this.#listAt}));`,
      `store<u32>(p, load<u32>(q, ${this.#listAt + 4}), ${this.#listAt + 4});`,
    ];
  }

  /** Its rows have been put out, or are given back here. */
  release(): string[] {
    return [
      `let left = <usize>load<u32>(p, ${this.#listAt});`,
      'while (left != 0) {',
      '  const gone = left;',
      '  left = <usize>load<u32>(gone);',
      `  ${this.#module.import('record-pool', 'giveRecord')}(${this.pool}, gone);`,
      '}',
    ];
  }

  mark(): string[] {
    const strings = this.rowLayout.mark(this.#module, 'kept');
    if (strings.length === 0) return [];
    const loop = `for (let kept = <usize>load<u32>(p, ${this.#listAt}); kept != 0; kept = <usize>load<u32>(kept)) {`;
    return [loop, ...strings.map((line) => `  ${line}`), '}'];
  }

  /** First row of the session at `p`. */
  get first(): string {
    return `load<u32>(p, ${this.#listAt})`;
  }

  /** Place of a column among those that are kept. */
  position(column: number): number {
    return this.#columns.indexOf(column);
  }
}
