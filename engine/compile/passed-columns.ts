import type { ColumnSpec, DataType } from '../../connectors/data-type.ts';
import { WrittenColumns } from './column-memory.ts';
import type { ColumnAccess, Value } from './expression/contract.ts';
import type { ModuleBuilder } from './module-builder.ts';
import type { RowScope } from './row-scope.ts';

/** The columns of a stage that puts out columns of its input beside others; those that nothing above reads are left out. */
export class PassedColumns {
  readonly accesses: ColumnAccess[] = [];
  readonly #written: WrittenColumns;
  readonly #weight: string | null;

  constructor(module: ModuleBuilder, name: string, weighted: boolean) {
    this.#written = new WrittenColumns(module, name);
    this.#weight = weighted ? this.#written.weight() : null;
  }

  get weight(): string | null {
    return this.#weight;
  }

  /** Statements that write the value at row `o`. */
  add(value: Value): string[] {
    const lines = this.#written.add(value);
    this.accesses.push(this.#written.accesses.at(-1) as ColumnAccess);
    return lines;
  }

  /** Statements that copy the first columns of the input to row `o`. */
  pass(scope: RowScope, schema: readonly ColumnSpec[], needed: ReadonlySet<number>): string[] {
    return schema.flatMap((column, k) => {
      if (needed.has(k)) return this.add(scope.column(k));
      return this.leaveOut(column.type);
    });
  }

  /** Statements that write the value at row `o` of a column that is there already. */
  write(k: number, value: Value): string[] {
    return this.#written.write(this.#written.accesses.indexOf(this.accesses[k] as never), value);
  }

  /** The next column is one that nothing reads: no statements. */
  leaveOut(type: DataType): string[] {
    this.accesses.push({ kind: 'fixed', type, machine: 'u8', data: 'unreadColumn', validity: null });
    return [];
  }

  /** Statements that copy the weight of a flow's `row` to row `o`. */
  passWeight(from: string | null): string[] {
    if (this.#weight === null) return [];
    return [`store<i32>(${this.#weight} + (<usize>o << 2), ${from === null ? '1' : `load<i32>(${from} + (row << 2))`});`];
  }

  clear(): string[] {
    return this.#written.clear();
  }
}
