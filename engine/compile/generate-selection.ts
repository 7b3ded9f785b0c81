import type { Expression } from '../plan/expression.ts';
import { inputAddresses } from './column-memory.ts';
import { compileTruth } from './expression/logic.ts';
import { columnsProvedPresent, MaskCompiler } from './compile-mask.ts';
import type { ModuleBuilder } from './module-builder.ts';
import { type Binding, resolveBinding, RowScope } from './row-scope.ts';
import { indent } from './text.ts';

/** The rows that go on, while a stage's function is written: a list `from`..`to` of row numbers that filters shorten. */
export class Selection {
  readonly lines: string[] = [];
  readonly #module: ModuleBuilder;
  #dense = true;

  constructor(module: ModuleBuilder) {
    this.#module = module;
    const every = module.import('selection', 'everyRow');
    this.lines.push(`let from: usize = ${every};`, 'let to: usize = from + (<usize>rows << 1);');
  }

  /** Keeps the rows where `predicate` is TRUE and `present` (Arrow bitmap), if given, has a bit. */
  filter(node: number, predicate: Expression, bindings: readonly Binding[], present: string | null): void {
    const conjuncts = predicate.kind === 'and' ? predicate.children : [predicate];
    const masks = new MaskCompiler(this.#module, bindings);
    const scalars: Expression[] = [];
    const terms: string[] = present === null || !this.#dense ? [] : [presentMask(present)];
    for (const conjunct of conjuncts) {
      const mask = this.#dense ? masks.compile(conjunct) : null;
      if (mask === null) scalars.push(conjunct);
      else terms.push(mask);
    }
    if (terms.length > 0) this.#maskLoop(masks.setup, terms);
    const [first, ...others] = scalars;
    if (first !== undefined) {
      // A condition is looked at only where those before it are TRUE: it may fail on the rows that they keep from it.
      const all: Expression = others.length === 0 ? first : { ...predicate, kind: 'and', children: scalars };
      this.#scalarLoop(node, bindings, (scope) => compileTruth(all, true, scope));
    }
    if (present !== null && !terms.includes(presentMask(present))) this.present(present);
  }

  /** Keeps the rows that have a bit in an Arrow bitmap. */
  present(bitmap: string): void {
    if (this.#dense) this.#maskLoop([], [presentMask(bitmap)]);
    else this.#scalarLoop(0, [], () => `((<u32>load<u8>(${bitmap} + (row >> 3)) >> (<u32>row & 7)) & 1) != 0`);
  }

  /** Stores a value's 64-bit integer for each row in `rowTimes` and keeps the rows where it is not NULL; with `timeless`, all. */
  times(node: number, time: Expression, bindings: readonly Binding[], shift: bigint, timeless?: bigint): void {
    this.#scalarLoop(node, bindings, (scope) => {
      const value = scope.compile(time);
      const buffer = this.#module.import('selection', 'rowTimes');
      const shifted = shift === 0n ? (value.parts[0] as string) : `${value.parts[0]} - ${shift}`;
      if (timeless !== undefined) {
        const infinite = `${this.#module.import('selection', 'isInfinite')}(${shifted})`;
        const none = value.valid === 'true' ? infinite : `!${value.valid} || ${infinite}`;
        scope.emit(`store<i64>(${buffer} + (row << 3), select<i64>(${timeless}, ${shifted}, ${none}));`);
        return 'true';
      }
      scope.emit(`store<i64>(${buffer} + (row << 3), ${shifted});`);
      return value.valid;
    });
  }

  /** Keeps the rows whose time is neither NULL nor infinite. */
  finiteTimes(node: number, time: Expression, bindings: readonly Binding[]): void {
    this.#scalarLoop(node, bindings, (scope) => {
      const value = scope.compile(time);
      const finite = `!${this.#module.import('selection', 'isInfinite')}(${value.parts[0]})`;
      return value.valid === 'true' ? finite : `${value.valid} && ${finite}`;
    });
  }

  #maskLoop(setup: readonly string[], terms: readonly string[]): void {
    const append = this.#module.import('selection', 'appendMask');
    const tail = this.#module.import('selection', 'tailMask');
    const selected = this.#module.import('selection', 'selected');
    this.lines.push(
      ...setup,
      `to = ${selected};`,
      'for (let row: usize = 0; row < <usize>rows; row += 8) {',
      `  const mask: u32 = ${terms.join(' & ')} & ${tail}(row, rows);`,
      `  to = ${append}(to, row, mask);`,
      '}',
      `from = ${selected};`,
    );
    this.#dense = false;
  }

  #scalarLoop(node: number, bindings: readonly Binding[], condition: (scope: RowScope) => string): void {
    const selected = this.#module.import('selection', 'selected');
    const scope = new RowScope(this.#module, node, bindings, 'row');
    const kept = condition(scope);
    const end = this.#module.name('end');
    this.lines.push(
      `let ${end}: usize = ${selected};`,
      'for (let r = from; r < to; r += 2) {',
      '  const row = <usize>load<u16>(r);',
      ...indent(scope.lines),
      `  store<u16>(${end}, <u16>row);`,
      `  ${end} += <usize>(${kept}) << 1;`,
      '}',
      `from = ${selected};`,
      `to = ${end};`,
    );
    this.#dense = false;
  }
}

export function truth(value: { valid: string; parts: readonly string[] }): string {
  return value.valid === 'true' ? `(${value.parts[0]})` : `(${value.valid} && ${value.parts[0]})`;
}

function presentMask(bitmap: string): string {
  return `<u32>load<u8>(${bitmap} + (row >> 3))`;
}

/** Bindings below a filter: columns that its TRUE proves present lose their validity. */
export function narrowed(predicate: Expression, bindings: readonly Binding[]): readonly Binding[] {
  const proved = new Set([...columnsProvedPresent(predicate)].map((index) => resolveBinding(bindings[index] as Binding)));
  const replaced = new Map<Binding, Binding>();
  const narrow = (binding: Binding): Binding => {
    const known = replaced.get(binding);
    if (known !== undefined) return known;
    let result = binding;
    if (binding.kind === 'memory' && binding.access.kind === 'fixed' && binding.access.validity !== null && proved.has(binding)) {
      result = { kind: 'memory', access: { ...binding.access, validity: null } };
    } else if (binding.kind === 'expression') result = { ...binding, bindings: binding.bindings.map(narrow) };
    replaced.set(binding, result);
    return result;
  };
  return proved.size === 0 ? bindings : bindings.map(narrow);
}

/** A function's body with the input addresses that it uses in front. */
export function withInputs(lines: readonly string[]): string[] {
  return [...inputAddresses(lines.join('\n')), ...lines];
}
