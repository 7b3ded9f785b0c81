import type { DataType } from '../../../connectors/data-type.ts';
import type { QueryError } from '../../diagnostic.ts';
import type { ConstantValue, Expression } from '../../plan/expression.ts';
import { machineOf } from '../machine-type.ts';
import { compileExpression } from './compile-expression.ts';
import type { ExpressionScope, ModuleScope, Value } from './contract.ts';
import { foldConstant } from './fold.ts';
import { refuse, typeName } from './refuse.ts';
import { allValid, type Computed, compute } from './value.ts';

/** One row of the table of functions: names as DuckDB binds them, how people write it, and how it compiles. */
export interface FunctionEntry {
  readonly names: readonly string[];
  readonly group: string;
  readonly signature: string;
  readonly summary: string;
  compile(call: FunctionCall): Value;
}

/** A call being compiled: an argument is compiled when first asked for. */
export class FunctionCall {
  readonly name: string;
  readonly args: readonly Expression[];
  readonly type: DataType;
  readonly scope: ExpressionScope;
  readonly expression: Extract<Expression, { kind: 'call' }>;
  readonly #values = new Map<number, Value>();

  constructor(expression: Extract<Expression, { kind: 'call' }>, scope: ExpressionScope) {
    this.expression = expression;
    this.name = expression.name;
    this.args = expression.args;
    this.type = expression.type;
    this.scope = scope;
  }

  argument(index: number): Expression {
    return this.args[index] as Expression;
  }

  value(index: number): Value {
    const known = this.#values.get(index);
    if (known !== undefined) return known;
    const value = compileExpression(this.argument(index), this.scope);
    this.#values.set(index, value);
    return value;
  }

  values(from = 0): readonly Value[] {
    return this.args.slice(from).map((_, i) => this.value(from + i));
  }

  constant(index: number): ConstantValue | undefined {
    const argument = this.args[index];
    return argument === undefined ? undefined : foldConstant(argument);
  }

  /** The text that must be known before the query runs: a unit, a pattern, a format. */
  constantText(index: number, what: string): string {
    const value = this.constant(index);
    if (typeof value !== 'string') throw this.refuse(`${this.name} with a ${what} that is not a constant`);
    return value;
  }

  import(file: string, name: string): string {
    return this.scope.module.import(file, name);
  }

  refuse(what?: string, hint?: string): QueryError {
    const types = this.args.map((argument) => typeName(argument.type)).join(', ');
    return refuse(what ?? `function ${this.name}(${types})`, this.expression.span, hint);
  }

  /** NULL when an argument is; otherwise what `body` gives. `guarded`: it can fail or is dear, so it runs for valid rows only. */
  strict(guarded: boolean, body: (parts: readonly string[], scope: ExpressionScope) => string | Computed, from = 0): Value {
    const values = this.values(from);
    const valid = allValid(this.scope, values);
    const parts = values.flatMap((value) => value.parts);
    return compute(this.scope, this.type, valid, guarded, (inner) => {
      const computed = body(parts, inner);
      return typeof computed === 'string' ? { parts: [computed] } : computed;
    });
  }

  /** A kernel of all arguments' words. */
  kernel(file: string, name: string, options: { guarded?: boolean; generic?: boolean; more?: readonly (string | number)[] } = {}): Value {
    const machine = machineOf(this.type);
    return this.strict(options.guarded ?? true, (parts) => {
      const callee = this.import(file, name) + (options.generic === true ? `<${machine}>` : '');
      return `${callee}(${[...parts, ...(options.more ?? [])].join(', ')})`;
    });
  }

  /**
   * A function of string argument 0 whose answer is remembered per distinct string. `body` says the answer of the string `id`; it may
   * use constants only. Answers are u32 (string ids) or bool.
   */
  remembered(answer: 'u32' | 'bool', body: (id: string) => string): Value {
    const text = this.value(0);
    const valid = allValid(this.scope, this.values());
    const helper = rememberingFunction(this.scope.module, answer, body('id'));
    return compute(this.scope, this.type, valid, true, () => ({ parts: [`${helper}(${text.parts[0]})`] }));
  }

  /** As `remembered`, of argument 0 alone: the answer (u32 local), and where there is one. 0xffffffff cannot be remembered. */
  rememberedAnswer(body: (id: string) => string, scope: ExpressionScope = this.scope): { part: string; valid: string } {
    const text = this.value(0);
    const helper = rememberingFunction(scope.module, 'u32', body('id'));
    const part = scope.name('r');
    scope.emit(`let ${part}: u32 = 0;`);
    scope.block(`if (${text.valid})`, (inner) => inner.emit(`${part} = ${helper}(${text.parts[0]});`));
    return { part, valid: text.valid };
  }

  /** Whether every argument after the first is a constant, so that answers can be remembered. */
  constantsAfterFirst(): boolean {
    return this.args.slice(1).every((_, i) => this.constant(i + 1) !== undefined);
  }
}

const helpers = new WeakMap<ModuleScope, Map<string, string>>();

function rememberingFunction(module: ModuleScope, answer: 'u32' | 'bool', body: string): string {
  const known = helpers.get(module) ?? new Map<string, string>();
  helpers.set(module, known);
  const key = `${answer} ${body}`;
  const existing = known.get(key);
  if (existing !== undefined) return existing;
  const name = module.name('remembered');
  const memo = module.memory(16);
  const recall = module.import('memo', 'recall');
  const remember = module.import('memo', 'remember');
  const result = (text: string) => (answer === 'bool' ? `(${text}) != 0` : text);
  module.declare(
    [
      `function ${name}(id: u32): ${answer} {`,
      `  const known = ${recall}(${memo}, id);`,
      `  if (known != 0) return ${result('known - 1')};`,
      `  return ${result(`${remember}(${memo}, id, <u32>${body})`)};`,
      '}',
    ].join('\n'),
  );
  known.set(key, name);
  return name;
}
