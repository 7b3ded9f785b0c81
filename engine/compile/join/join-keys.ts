import type { Expression } from '../../plan/expression.ts';
import type { Value } from '../expression/contract.ts';
import { GroupKeys } from '../group-keys.ts';
import type { ModuleBuilder } from '../module-builder.ts';
import { notSupported } from '../refuse.ts';
import { type Binding, resolveBinding, type RowScope } from '../row-scope.ts';
import type { JoinNode } from './join-side.ts';

/** Equalities answer for the keys; NULL is no key's equal, except where the operator is IS NOT DISTINCT FROM. */
export function isKeyOperator(operator: string): boolean {
  return operator === '=' || operator === 'is_not_distinct';
}

/** Takes little to compute twice. */
export function isCheap(key: Expression, bindings: readonly Binding[]): boolean {
  if (key.kind !== 'column') return false;
  const binding = resolveBinding(bindings[key.index] as Binding);
  return binding.kind === 'bound' || (binding.kind === 'memory' && binding.access.kind === 'fixed');
}

/** The packed key that both sides of a join share, and how chunks of rows are found by it (kernels/assembly/join-side.ts). */
export class JoinKeys {
  readonly words: number;
  readonly nullable: boolean;
  readonly #module: ModuleBuilder;
  readonly #keys: GroupKeys;

  /** Values of the equalities on each side, in their order. */
  constructor(module: ModuleBuilder, node: JoinNode, left: readonly Value[], right: readonly Value[]) {
    this.#module = module;
    const equal = node.conditions.filter(({ operator }) => isKeyOperator(operator));
    this.#keys = new GroupKeys(
      equal.map((condition, k) => {
        const [a, b] = [left[k] as Value, right[k] as Value];
        const span = condition.left.span ?? node.span;
        if (a.machine === 'interval') throw notSupported('a join on INTERVAL', span);
        if (a.machine !== b.machine) throw new Error(`a join compares ${a.machine} with ${b.machine}`);
        const nullable = condition.operator !== '=' && (a.valid !== 'true' || b.valid !== 'true');
        return { value: { ...a, valid: nullable ? 'maybe' : 'true' }, span };
      }),
    );
    this.words = this.#keys.words;
    this.nullable = this.#keys.nullable;
  }

  /** Bytes of a kept key: its words, and the mark of NULLs. */
  get bytes(): number {
    return this.words * 8 + (this.nullable ? 8 : 0);
  }

  /** Bytes of a chunk before its rows. */
  get chunkHeaderBytes(): number {
    return 8 + this.bytes;
  }

  pack(scope: RowScope, values: readonly Value[]): { words: string[]; mark: string } {
    return this.#keys.pack(scope, this.#module, values);
  }

  /** Key `k`, which is never NULL, of the kept key at `at`. */
  read(k: number, at: string): Value {
    return this.#keys.unpack(k, '0', at);
  }

  /** Offsets of string ids in a kept key. */
  strings(): number[] {
    return this.#keys.strings();
  }

  /** Statements that write the key `offset` bytes behind `at`. */
  store(at: string, words: readonly string[], mark: string, offset: number): string[] {
    const stores = words.map((word, k) => `store<u64>(${at}, ${word}, ${offset + k * 8});`);
    return this.nullable ? [...stores, `store<u64>(${at}, <u64>${mark}, ${offset + words.length * 8});`] : stores;
  }

  /** Statements that load a kept key into locals, and these. */
  load(at: string, offset: number): { lines: string[]; words: string[]; mark: string } {
    const words = Array.from({ length: this.words }, (_, k) => `word${k}`);
    const lines = words.map((word, k) => `const ${word} = load<u64>(${at}, ${offset + k * 8});`);
    if (this.nullable) lines.push(`const mark = load<u32>(${at}, ${offset + words.length * 8});`);
    return { lines, words, mark: this.nullable ? 'mark' : '1' };
  }

  /** The key `offset` bytes behind `at` is this one. */
  matches(at: string, words: readonly string[], mark: string, offset: number): string[] {
    const same = words.map((word, k) => `load<u64>(${at}, ${offset + k * 8}) == ${word}`);
    return this.nullable ? [...same, `load<u32>(${at}, ${offset + words.length * 8}) == ${mark}`] : same;
  }

  /**
   * Statements that set `target`, 0 before, to what the table has of the key; they declare `tag` and `entry`, the byte of its place in the
   * table. `offset`: where the key lies in what the table leads to. Locals: table, shift, mask, multiplier.
   */
  find(words: readonly string[], mark: string, target: string, offset = 8): string[] {
    return [`const tag = ${this.tag(words, mark)};`, ...this.findTagged(words, mark, target, offset)];
  }

  /** As `find`, of a key whose `tag` is there already. */
  findTagged(words: readonly string[], mark: string, target: string, offset = 8): string[] {
    return [
      'let entry = <usize>(tag >> shift) << 3;',
      'while (true) {',
      '  const found = <usize>load<u32>(table + entry);',
      '  if (found == 0) break;',
      `  if (${['load<u32>(table + entry, 4) == tag', ...this.matches('found', words, mark, offset)].join(' && ')}) {`,
      `    ${target} = found;`,
      '    break;',
      '  }',
      '  entry = (entry + 8) & mask;',
      '}',
    ];
  }

  /** u32 expression: the high half of the key's hash. */
  tag(words: readonly string[], mark: string): string {
    return `<u32>(${this.#hash(words, mark)} >> 32)`;
  }

  #hash(words: readonly string[], mark: string): string {
    const word = this.#module.import('hash', 'hashWord');
    const folded = words.map((each, k) => (this.nullable && k === words.length - 1 ? `(${each} ^ (<u64>${mark} << 32))` : each));
    const [first, ...more] = folded;
    if (first === undefined) return '<u64>0';
    const start = `${word}(${first}, multiplier)`;
    return more.reduce((hash, each) => `${this.#module.import('hash', 'hashMore')}(${hash}, ${each}, multiplier)`, start);
  }
}
