import type { DataType } from '../../../connectors/data-type.ts';
import type { UserFunction } from '../../plan/catalog.ts';
import type { Expression } from '../../plan/expression.ts';
import type { Machine } from '../machine-type.ts';

/** What an expression compiles to. Every string is a side-effect-free AssemblyScript expression that is cheap to repeat: a local or a literal. */
export interface Value {
  readonly type: DataType;
  readonly machine: Machine;
  /**
   * One per word, of the types that `partTypes(machine)` gives. Their content means nothing when the value is NULL, but reading it is
   * safe: of a packed value the id is 0 then.
   */
  readonly parts: readonly string[];
  /** AssemblyScript bool: 'true' when the value is never NULL, 'false' when it always is. */
  readonly valid: string;
}

/**
 * How a column lies in linear memory. Strings are AssemblyScript expressions of type usize. Booleans are one byte each.
 * validity: Arrow bitmap (bit i of byte i/8), or null when the column holds no NULL.
 */
export type ColumnAccess =
  | { readonly kind: 'fixed'; readonly type: DataType; readonly machine: Machine; readonly data: string; readonly validity: string | null }
  | {
      readonly kind: 'list';
      readonly type: DataType;
      /** u32 per row and one more: row i is elements [offsets[i], offsets[i + 1]) of each child. Maps have two children. */
      readonly offsets: string;
      readonly validity: string | null;
      readonly children: readonly ColumnAccess[];
    }
  | { readonly kind: 'struct'; readonly type: DataType; readonly validity: string | null; readonly children: readonly ColumnAccess[] };

/** A place in the generated code where statements can stand, for one row. */
export interface ExpressionScope {
  readonly module: ModuleScope;
  /** Plan node being compiled, for messages. */
  readonly node: number;
  /** Input column `index` of the node; of a nested type, packed here where `nested` could have read it in place. */
  column(index: number): Value;
  /** A nested column and the row to read it at (usize expression), or null when it is not one that lies in memory. */
  nested(index: number): { readonly access: ColumnAccess; readonly row: string } | null;
  /** Element `row` (usize expression) of a fixed column, loaded here. */
  load(access: Extract<ColumnAccess, { kind: 'fixed' }>, row: string): Value;
  /** Appends a statement to this block. */
  emit(statement: string): void;
  /** A local's name that is used nowhere else in the module. */
  name(hint: string): string;
  /**
   * Appends `header { ... }`, its inside written by `body` in a scope of its own, for what must run only on a condition or in a
   * loop. What is declared inside is not visible outside: declare `let` before and assign inside.
   */
  block(header: string, body: (inner: ExpressionScope) => void): void;
}

/** The module being generated: what is declared once and used from anywhere. */
export interface ModuleScope {
  /** Imports an exported function or constant of kernels/assembly/<file>.ts and gives the name to use. */
  import(file: string, name: string): string;
  /** u32 expression: id of a constant in the module's string table. Never collected. */
  stringConstant(text: string): string;
  bytesConstant(bytes: Uint8Array): string;
  /** usize expression: address of constant data, 16-byte aligned. */
  data(bytes: Uint8Array): string;
  /** A top-level declaration (function, const ...); the same text is added once. `name` must be unique: take it from `name()`. */
  declare(text: string): void;
  name(hint: string): string;
  /**
   * State that lives across rows, in linear memory: usize expression of `bytes` zeroed bytes, 16-byte aligned. It may not hold
   * string ids unless they are constants: others are collected.
   */
  memory(bytes: number): string;
  /** A function that the query's files declare. */
  userFunction(name: string): UserFunction | undefined;
}

/** engine/compile/expression/compile-expression.ts exports this. Throws QueryError for what cannot run. */
export type CompileExpression = (expression: Expression, scope: ExpressionScope) => Value;

/*
 * Faults: a row that DuckDB would answer with an error ends the query: the kernel calls `fail` of kernels/assembly/fault.ts, which
 * never returns; the host turns it into a QueryFailure. TRY_CAST gives NULL instead.
 *
 * kernels/assembly/string-table.ts gives: stringPointer(id): usize, stringLength(id): u32, internString(pointer, length): u32,
 * compareStrings(a, b): i32 (bytes, as DuckDB), reserveScratch(bytes): usize. Pointers die at the next internString; scratch at the
 * next reserveScratch. Equal strings have equal ids. Id 0 is ''.
 */
