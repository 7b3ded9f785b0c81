import type { CompareOperator, Expression } from '../plan/expression.ts';
import type { ColumnAccess } from './expression/contract.ts';
import type { Machine } from './machine-type.ts';
import type { ModuleBuilder } from './module-builder.ts';
import { type Binding, resolveBinding } from './row-scope.ts';

type Fixed = Extract<ColumnAccess, { kind: 'fixed' }>;

/**
 * SIMD form of a predicate over memory columns: a u32 expression whose low 8 bits say for which of the rows `row` .. `row` + 7 it is
 * TRUE. Only "is TRUE" masks are made; NOT asks its child for "is FALSE" instead, so that no pair of value and validity is carried.
 */
export class MaskCompiler {
  readonly #module: ModuleBuilder;
  readonly #bindings: readonly Binding[];
  /** Statements to stand before the loop. */
  readonly setup: string[] = [];

  constructor(module: ModuleBuilder, bindings: readonly Binding[]) {
    this.#module = module;
    this.#bindings = bindings;
  }

  /** null when some part of the predicate has no such form. */
  compile(predicate: Expression, truth = true): string | null {
    switch (predicate.kind) {
      case 'and':
      case 'or': {
        const masks = predicate.children.map((child) => this.compile(child, truth));
        if (masks.includes(null)) return null;
        return `(${masks.join((predicate.kind === 'and') === truth ? ' & ' : ' | ')})`;
      }
      case 'not':
        return this.compile(predicate.child, !truth);
      case 'is_null':
      case 'is_not_null': {
        const access = this.#column(predicate.child);
        if (access === null) return null;
        const present = (predicate.kind === 'is_not_null') === truth;
        if (access.validity === null) return present ? '255' : '0';
        return present ? valid(access) : `(${valid(access)} ^ 255)`;
      }
      case 'constant':
        return predicate.value === null || typeof predicate.value === 'boolean' ? (predicate.value === truth ? '255' : '0') : null;
      case 'column': {
        const access = this.#column(predicate);
        if (access === null || access.machine !== 'bool') return null;
        const bits = `(i8x16.bitmask(i8x16.eq(v128.load64_zero(${access.data} + row), i8x16.splat(${truth ? 1 : 0}))) & 255)`;
        return both([`<u32>${bits}`], access);
      }
      case 'compare':
        return this.#compare(predicate.operator, predicate.left, predicate.right, truth);
      default:
        return null;
    }
  }

  #column(expression: Expression): Fixed | null {
    if (expression.kind !== 'column') return null;
    const binding = resolveBinding(this.#bindings[expression.index] as Binding);
    return binding.kind === 'memory' && binding.access.kind === 'fixed' ? binding.access : null;
  }

  #compare(operator: CompareOperator, left: Expression, right: Expression, truth: boolean): string | null {
    if (left.kind === 'constant') return right.kind === 'constant' ? null : this.#compare(mirrored[operator], right, left, truth);
    const access = this.#column(left);
    if (access === null || operator === 'is_distinct' || operator === 'is_not_distinct') return null;
    const lane = lanes[access.machine];
    if (lane === undefined) return null;
    const wanted = truth ? operator : negated[operator];
    const equality = wanted === '=' || wanted === '<>';
    if ((access.machine === 'string' || lane.unsigned) && !equality) return null;
    if (right.kind === 'constant') {
      const splat = this.#splat(access, lane, right);
      return splat === null ? null : both([compareLanes(access, lane, wanted, () => splat)], access);
    }
    const other = this.#column(right);
    // Two floating columns may both hold NaN, which SQL calls equal and SIMD does not.
    if (other === null || other.machine !== access.machine || lane.floating) return null;
    return both([compareLanes(access, lane, wanted, (offset) => loadLanes(other, lane, offset))], access, other);
  }

  #splat(access: Fixed, lane: Lane, constant: Extract<Expression, { kind: 'constant' }>): string | null {
    const { value } = constant;
    let literal: string;
    if (access.machine === 'string') {
      if (typeof value !== 'string') return null;
      literal = `<i32>${this.#module.stringConstant(value)}`;
    } else if (typeof value === 'number' && lane.floating && Number.isFinite(value)) literal = `<${lane.part}>${floatLiteral(value)}`;
    else if (typeof value === 'bigint' && !lane.floating) literal = `<${lane.part}>${value === -(1n << 63n) ? 'i64.MIN_VALUE' : value}`;
    else if (typeof value === 'boolean' && access.machine === 'bool') literal = `<i8>${value ? 1 : 0}`;
    else return null;
    const name = this.#module.name('c');
    this.setup.push(`const ${name} = ${lane.shape}.splat(${literal});`);
    return name;
  }
}

interface Lane {
  readonly shape: string;
  readonly part: string;
  /** Bytes of a value. */
  readonly size: number;
  readonly floating?: boolean;
  readonly unsigned?: boolean;
}

const lanes: Partial<Record<Machine, Lane>> = {
  bool: { shape: 'i8x16', part: 'i8', size: 1, unsigned: true },
  i8: { shape: 'i8x16', part: 'i8', size: 1 },
  u8: { shape: 'i8x16', part: 'i8', size: 1, unsigned: true },
  i16: { shape: 'i16x8', part: 'i16', size: 2 },
  u16: { shape: 'i16x8', part: 'i16', size: 2, unsigned: true },
  i32: { shape: 'i32x4', part: 'i32', size: 4 },
  u32: { shape: 'i32x4', part: 'i32', size: 4, unsigned: true },
  string: { shape: 'i32x4', part: 'i32', size: 4 },
  i64: { shape: 'i64x2', part: 'i64', size: 8 },
  u64: { shape: 'i64x2', part: 'i64', size: 8, unsigned: true },
  f32: { shape: 'f32x4', part: 'f32', size: 4, floating: true },
  f64: { shape: 'f64x2', part: 'f64', size: 8, floating: true },
};

const mirrored: Readonly<Record<CompareOperator, CompareOperator>> = {
  '=': '=',
  '<>': '<>',
  '<': '>',
  '<=': '>=',
  '>': '<',
  '>=': '<=',
  is_distinct: 'is_distinct',
  is_not_distinct: 'is_not_distinct',
};
const negated: Readonly<Record<CompareOperator, CompareOperator>> = {
  '=': '<>',
  '<>': '=',
  '<': '>=',
  '<=': '>',
  '>': '<=',
  '>=': '<',
  is_distinct: 'is_not_distinct',
  is_not_distinct: 'is_distinct',
};
const instructions: Partial<Record<CompareOperator, string>> = { '=': 'eq', '<>': 'ne', '<': 'lt', '<=': 'le', '>': 'gt', '>=': 'ge' };

/** Literal of a double for AssemblyScript. */
export function floatLiteral(value: number): string {
  if (Object.is(value, -0)) return '-0.0';
  const text = String(value);
  return /[.e]/.test(text) ? text : `${text}.0`;
}

function valid(access: Fixed): string {
  return `<u32>load<u8>(${access.validity} + (row >> 3))`;
}

function both(masks: string[], ...accesses: Fixed[]): string {
  const validities = accesses.filter((access) => access.validity !== null).map(valid);
  const all = [...masks, ...validities];
  return all.length === 1 ? (all[0] as string) : `(${all.join(' & ')})`;
}

function loadLanes(access: Fixed, lane: Lane, offset: number): string {
  const row = lane.size === 1 ? 'row' : `(row << ${Math.log2(lane.size)})`;
  if (lane.size === 1) return `v128.load64_zero(${access.data} + ${row})`;
  return `v128.load(${access.data} + ${row}${offset === 0 ? '' : `, ${offset}`})`;
}

/** NaN is the largest: for a constant that is not NaN, `>` is "not <=" and `>=` is "not <". */
function compareLanes(access: Fixed, lane: Lane, operator: CompareOperator, other: (offset: number) => string): string {
  const inverted = lane.floating === true && (operator === '>' || operator === '>=');
  const name = instructions[inverted ? (negated[operator] as CompareOperator) : operator];
  const signed = lane.floating || name === 'eq' || name === 'ne' ? '' : '_s';
  const at = (offset: number) => `${lane.shape}.${name}${signed}(${loadLanes(access, lane, offset)}, ${other(offset)})`;
  const bits = `<u32>${maskBits(lane.size, at)}`;
  return inverted ? `(${bits} ^ 255)` : bits;
}

function maskBits(size: number, at: (offset: number) => string): string {
  const pair = (offset: number) =>
    `i8x16.shuffle(${at(offset)}, ${at(offset + 16)}, 0, 1, 2, 3, 8, 9, 10, 11, 16, 17, 18, 19, 24, 25, 26, 27)`;
  switch (size) {
    case 1:
      return `(i8x16.bitmask(${at(0)}) & 255)`;
    case 2:
      return `i16x8.bitmask(${at(0)})`;
    case 4:
      return `i16x8.bitmask(i16x8.narrow_i32x4_s(${at(0)}, ${at(16)}))`;
    default:
      return `i16x8.bitmask(i16x8.narrow_i32x4_s(${pair(0)}, ${pair(32)}))`;
  }
}

/** Columns (by index) that cannot be NULL where the predicate is TRUE: comparisons and IS NOT NULL reject it. */
export function columnsProvedPresent(predicate: Expression): ReadonlySet<number> {
  switch (predicate.kind) {
    case 'and':
      return new Set(predicate.children.flatMap((child) => [...columnsProvedPresent(child)]));
    case 'or': {
      const [first, ...others] = predicate.children.map(columnsProvedPresent);
      return new Set([...(first ?? [])].filter((column) => others.every((other) => other.has(column))));
    }
    case 'compare': {
      if (predicate.operator === 'is_distinct' || predicate.operator === 'is_not_distinct') return new Set();
      return new Set([predicate.left, predicate.right].flatMap((side) => (side.kind === 'column' ? [side.index] : [])));
    }
    case 'is_not_null':
      return new Set(predicate.child.kind === 'column' ? [predicate.child.index] : []);
    case 'column':
      return new Set([predicate.index]);
    default:
      return new Set();
  }
}
