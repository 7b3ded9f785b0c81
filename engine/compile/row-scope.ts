import type { Expression } from '../plan/expression.ts';
import { compileExpression } from './expression/compile-expression.ts';
import type { ColumnAccess, ExpressionScope, ModuleScope, Value } from './expression/contract.ts';
import { packColumn } from './expression/packed/column.ts';
import { partSize, partTypes } from './machine-type.ts';
import type { RowLayout } from './row-layout.ts';

/** Where a column of an operator's input comes from. */
export type Binding =
  | { readonly kind: 'memory'; readonly access: ColumnAccess }
  | { readonly kind: 'expression'; readonly expression: Expression; readonly bindings: readonly Binding[]; readonly node: number }
  /** A bound of the window that holds the row, which its pane knows. */
  | { readonly kind: 'window'; readonly value: Value }
  /** A bound of the window of `size` microseconds that holds the row's time, computed. */
  | {
      readonly kind: 'bound';
      readonly time: Expression;
      readonly bindings: readonly Binding[];
      readonly node: number;
      readonly size: bigint;
      readonly part: 'start' | 'end';
    }
  /** Column `index` of the kept row at `slot` (usize expression). */
  | { readonly kind: 'kept'; readonly layout: RowLayout; readonly index: number; readonly slot: string };

/** Follows columns that only pass through to where they come from. */
export function resolveBinding(binding: Binding): Binding {
  if (binding.kind !== 'expression' || binding.expression.kind !== 'column') return binding;
  return resolveBinding(binding.bindings[binding.expression.index] as Binding);
}

/** Statements for one row. Each column is loaded or computed where it is first needed, once. */
export class RowScope implements ExpressionScope {
  readonly module: ModuleScope;
  readonly node: number;
  readonly lines: string[];
  readonly #bindings: readonly Binding[];
  readonly #row: string;
  readonly #known: Map<Binding, Value>;
  readonly #outer: RowScope | null;

  constructor(
    module: ModuleScope,
    node: number,
    bindings: readonly Binding[],
    row: string,
    outer: RowScope | null = null,
    shared?: RowScope,
  ) {
    this.module = module;
    this.node = node;
    this.#bindings = bindings;
    this.#row = row;
    this.#outer = shared === undefined ? outer : shared.#outer;
    this.lines = shared?.lines ?? [];
    this.#known = shared === undefined ? new Map() : shared.#known;
  }

  /** The same block, seen from an operator with other input columns. */
  with(node: number, bindings: readonly Binding[]): RowScope {
    return new RowScope(this.module, node, bindings, this.#row, null, this);
  }

  compile(expression: Expression): Value {
    return compileExpression(expression, this);
  }

  column(index: number): Value {
    const binding = resolveBinding(this.#binding(index));
    for (let scope: RowScope | null = this; scope !== null; scope = scope.#outer) {
      const known = scope.#known.get(binding);
      if (known !== undefined) return known;
    }
    const value = this.#compute(binding);
    this.#known.set(binding, value);
    return value;
  }

  nested(index: number): { access: ColumnAccess; row: string } | null {
    const binding = resolveBinding(this.#binding(index));
    return binding.kind === 'memory' && binding.access.kind !== 'fixed' ? { access: binding.access, row: this.#row } : null;
  }

  load(access: Extract<ColumnAccess, { kind: 'fixed' }>, row: string): Value {
    const types = partTypes(access.machine);
    const width = types.reduce((bytes, part) => bytes + partSize(part), 0);
    const shift = Math.log2(width);
    const address = shift === 0 ? `${access.data} + ${row}` : `${access.data} + (${row} << ${shift})`;
    let offset = 0;
    const parts = types.map((part) => {
      const local = this.name('x');
      const at = offset === 0 ? '' : `, ${offset}`;
      this.emit(part === 'bool' ? `const ${local} = load<u8>(${address}) != 0;` : `const ${local} = load<${part}>(${address}${at});`);
      offset += partSize(part);
      return local;
    });
    const valid = this.#validity(access.validity, row);
    if (access.machine !== 'packed' || valid === 'true') return { type: access.type, machine: access.machine, parts, valid };
    // A NULL's id may be of a string that has gone: reading its bytes as a nested value is not safe.
    const id = this.name('x');
    this.emit(`const ${id}: u32 = ${valid} ? ${parts[0]} : 0;`);
    return { type: access.type, machine: access.machine, parts: [id], valid };
  }

  emit(statement: string): void {
    this.lines.push(statement);
  }

  name(hint: string): string {
    return this.module.name(hint);
  }

  block(header: string, body: (inner: ExpressionScope) => void): void {
    this.inner(header, (inner) => body(inner));
  }

  inner(header: string, body: (inner: RowScope) => void): void {
    const inner = new RowScope(this.module, this.node, this.#bindings, this.#row, this);
    body(inner);
    this.lines.push(`${header} {`, ...inner.lines.map((line) => `  ${line}`), '}');
  }

  #validity(validity: string | null, row: string): string {
    if (validity === null) return 'true';
    const local = this.name('v');
    this.emit(`const ${local} = ((<u32>load<u8>(${validity} + (${row} >> 3)) >> (<u32>${row} & 7)) & 1) != 0;`);
    return local;
  }

  #binding(index: number): Binding {
    const binding = this.#bindings[index];
    if (binding === undefined) throw new Error(`operator ${this.node} has no input column ${index}`);
    return binding;
  }

  #compute(binding: Binding): Value {
    if (binding.kind === 'window') return binding.value;
    if (binding.kind === 'expression') return this.with(binding.node, binding.bindings).compile(binding.expression);
    if (binding.kind === 'bound') return this.#bound(binding);
    if (binding.kind === 'kept') return binding.layout.read(this, binding.index, binding.slot);
    if (binding.access.kind !== 'fixed') return packColumn(this, binding.access, this.#row);
    return this.load(binding.access, this.#row);
  }

  /** Rows without a finite time are gone before. */
  #bound({ time, bindings, node, size, part }: Extract<Binding, { kind: 'bound' }>): Value {
    const value = this.with(node, bindings).compile(time);
    const local = this.name('bound');
    const floor = this.module.import('selection', 'floorDivide');
    const end = part === 'end' ? ` + ${size}` : '';
    this.emit(`const ${local} = ${floor}(${value.parts[0]}, ${size}) * ${size}${end};`);
    return { type: { kind: 'timestamp' }, machine: 'i64', parts: [local], valid: 'true' };
  }
}
