import { aheadRows } from '../held-rows.ts';
import type { ModuleBuilder } from '../module-builder.ts';
import { generatedFunction, indent } from '../text.ts';
import type { JoinKeys } from './join-keys.ts';
import type { JoinSide } from './join-side.ts';
import { markRows } from './mark-rows.ts';

const sideBytes = 104;
/** State behind the side: rows there are, whether a key is NULL, the hashes' multiplier, what was touched. */
const rowsAt = sideBytes;
const nullAt = sideBytes + 4;
const multiplierAt = sideBytes + 8;
const touchedAt = sideBytes + 16;

/** Tables of no more bytes are not touched ahead. */
const touchedBytesMin = 1 << 17;

/** The rows that a stream looks up, by key: chunks as in kernels/assembly/join-side.ts, of rows that never expire. */
export class LookupTable {
  readonly side: JoinSide;
  readonly #module: ModuleBuilder;
  readonly #number: number;
  readonly #keys: JoinKeys;
  readonly #notesNull: boolean;

  /** `notesNull`: whether a key is NULL has to be known. */
  constructor(module: ModuleBuilder, number: number, keys: JoinKeys, side: JoinSide, notesNull: boolean) {
    this.#module = module;
    this.#number = number;
    this.#keys = keys;
    this.side = side;
    this.#notesNull = notesNull;
    module.reserve(side.address, sideBytes + 24);
    module.reserve(this.nobody, side.layout.bytes);
    module.reserve(this.#chunks, 4 * aheadRows);
  }

  get #chunks(): string {
    return `lookup${this.#number}Found`;
  }

  /** Where the first chunk of a row's key is kept (u32) from the pass that finds it on. `place`: twice the row's number of those held. */
  found(place: string): string {
    return `${this.#chunks} + ((${place} & ${aheadRows * 2 - 2}) << 1)`;
  }

  /** Whether the table may not lie in cache. Local: mask. */
  get large(): string {
    return `mask > ${touchedBytesMin}`;
  }

  /** A row of NULLs. */
  get nobody(): string {
    return `lookup${this.#number}Nobody`;
  }

  get marks(): boolean {
    return this.#keys.strings().length > 0 || this.side.layout.mark(this.#module, 'row').length > 0;
  }

  /** What is needed to find a key. */
  locals(): string[] {
    const kernel = (name: string) => this.#module.import('join-side', name);
    const { address } = this.side;
    return [
      `const multiplier = load<u64>(${address}, ${multiplierAt});`,
      `let table = ${kernel('sideTable')}(${address});`,
      `let shift = ${kernel('sideShift')}(${address});`,
      `let mask = ${kernel('sideMask')}(${address});`,
    ];
  }

  /** Statements that look at a key's place, and at its first chunk, so that they are at hand when the row comes. Local: touched. */
  touch(words: readonly string[], mark: string): string[] {
    return [`touched ^= load<u64>(<usize>load<u32>(table + (<usize>(${this.#keys.tag(words, mark)} >> shift) << 3)), 8);`];
  }

  /**
   * Statements that set `chunk`, 0 before, to the key's first chunk. Two places are looked at without a branch between: where a key lies
   * of the two cannot be foreseen.
   */
  find(words: readonly string[], mark: string): string[] {
    const found = ['likely != 0', ...this.#keys.matches('likely', words, mark, 8)].join(' && ');
    return [
      `const tag = ${this.#keys.tag(words, mark)};`,
      'const home = <usize>(tag >> shift) << 3;',
      'const beside = (home + 8) & mask;',
      'const likely = <usize>select<u32>(load<u32>(table + home), load<u32>(table + beside), load<u32>(table + home, 4) == tag);',
      `if (${found}) chunk = likely;`,
      'else {',
      ...indent(this.#keys.findTagged(words, mark, 'chunk')),
      '}',
    ];
  }

  /** The loads stay only if what they gave goes somewhere. */
  keepTouched(): string {
    return `store<u64>(${this.side.address}, touched, ${touchedAt});`;
  }

  /** IN is NULL when nothing is equal and something is NULL, of a table that has rows. `valid`: when these hold the row's own value is not NULL. */
  markValid(valid: readonly string[]): string {
    const { address } = this.side;
    const own = valid.length === 0 ? '' : ` && (${valid.join(' && ')} || load<u32>(${address}, ${rowsAt}) == 0)`;
    return `(matched || (load<u32>(${address}, ${nullAt}) == 0${own}))`;
  }

  /** The function of the table's flow, and those of the stage that are about the table. */
  build(): void {
    const module = this.#module;
    const number = this.#number;
    const { address, layout } = this.side;
    const kernel = (name: string) => module.import('join-side', name);
    this.side.flow.finish([
      ...this.locals(),
      'for (let r = from; r < to; r += 2) {',
      '  const row = <usize>load<u16>(r);',
      ...indent(this.#keepLines()),
      '}',
    ]);
    const start = `${kernel('initialiseSide')}(${address}, ${layout.bytes}, ${this.#keys.bytes});`;
    const draw = `store<u64>(${address}, ${module.import('hash', 'nextMultiplier')}(), ${multiplierAt});`;
    module.add(generatedFunction(`function start${number}(): void`, [start, draw]));
    const clear = [`${kernel('clearSide')}(${address});`, `store<u64>(${address}, 0, ${rowsAt});`];
    module.add(generatedFunction(`function clear${number}(): void`, clear));
    module.add(generatedFunction(`function stateRows${number}(): f64`, [`return ${kernel('sideRows')}(${address});`]));
    module.add(generatedFunction(`function stateBytes${number}(): f64`, [`return ${kernel('sideBytesHeld')}(${address});`]));
    if (this.marks) module.add(generatedFunction(`function mark${number}(): void`, markRows(module, this.#keys, this.side, false)));
  }

  #keepLines(): string[] {
    const module = this.#module;
    const { scope, keys, matchable, kept, layout, address } = this.side;
    const kernel = (name: string) => module.import('join-side', name);
    const count = `store<u32>(${address}, load<u32>(${address}, ${rowsAt}) + 1, ${rowsAt});`;
    if (this.#notesNull) scope.emit(count);
    if (matchable.length > 0) {
      const note = this.#notesNull ? [`  store<u32>(${address}, 1, ${nullAt});`] : [];
      for (const line of [`if (!(${matchable.join(' && ')})) {`, ...note, '  continue;', '}']) scope.emit(line);
    }
    const { words, mark } = this.#keys.pack(scope, keys);
    return [
      ...scope.lines,
      'let chunk: usize = 0;',
      ...this.#keys.find(words, mark, 'chunk'),
      `const slot = ${kernel('addRow')}(${address}, table + entry, chunk, tag);`,
      'if (chunk == 0) {',
      '  chunk = <usize>load<u32>(table + entry);',
      ...indent(this.#keys.store('chunk', words, mark, 8)),
      `  ${kernel('countKey')}(${address});`,
      `  table = ${kernel('sideTable')}(${address});`,
      `  shift = ${kernel('sideShift')}(${address});`,
      `  mask = ${kernel('sideMask')}(${address});`,
      '}',
      ...layout.write(kept, 'slot'),
    ];
  }
}
