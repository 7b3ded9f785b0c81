import type { WindowCall } from '../../plan/plan.ts';
import type { ModuleBuilder } from '../module-builder.ts';
import { generatedFunction } from '../text.ts';
import { needsPeers, rowsOffset } from './frame-bounds.ts';
import type { KeptRow } from './kept-row.ts';
import type { PartitionRecord } from './partition-record.ts';
import { peerFunctions } from './window-values.ts';

/** Longest ring that lies in the partition's record itself, so that a row touches one block of memory. */
const inlineBytesMax = 1024;
const capacityMin = 4;

export interface RingFields {
  /** Offsets of u32 fields: position after the last row, first position that is kept. */
  readonly head: number;
  readonly first: number;
}

/** The last rows of a partition, a power of two of places, position by position. */
export class RowRing {
  readonly #module: ModuleBuilder;
  readonly #record: PartitionRecord;
  readonly #row: KeptRow;
  readonly #fields: RingFields;
  /** Places of a ring inside the record; null: it lies apart and grows. */
  readonly #fixed: number | null;
  readonly #offset: string;
  #at = 0;
  #maskAt = 0;

  constructor(module: ModuleBuilder, record: PartitionRecord, row: KeptRow, calls: readonly WindowCall[], fields: RingFields) {
    this.#module = module;
    this.#record = record;
    this.#row = row;
    this.#fields = fields;
    this.#offset = module.name('ringAt');
    const reach = reachOf(calls);
    const places = reach === null ? null : 2 ** Math.ceil(Math.log2(reach + 1));
    this.#fixed = places !== null && places * row.bytes <= inlineBytesMax ? places : null;
    if (this.#fixed === null) {
      this.#at = record.add(4);
      this.#maskAt = record.add(4);
    }
  }

  /** After all other fields of the record: the ring is its end. */
  layOut(): void {
    if (this.#fixed !== null && this.#row.bytes > 0) this.#at = this.#record.add(this.#fixed * this.#row.bytes);
  }

  get #apart(): boolean {
    return this.#fixed === null && this.#row.bytes > 0;
  }

  at(position: string): string {
    const { bytes } = this.#row;
    if (bytes === 0) return 'partition';
    if (this.#fixed !== null) return `(partition + ${this.#offset} + <usize>((${position}) & ${this.#fixed - 1}) * ${bytes})`;
    return `(<usize>load<u32>(partition, ${this.#at}) + <usize>((${position}) & load<u32>(partition, ${this.#maskAt})) * ${bytes})`;
  }

  place(position: string): string {
    return this.#fixed !== null ? `((${position}) & ${this.#fixed - 1})` : `((${position}) & load<u32>(partition, ${this.#maskAt}))`;
  }

  get places(): string {
    return this.#fixed !== null ? String(this.#fixed) : `(load<u32>(partition, ${this.#maskAt}) + 1)`;
  }

  /** The offset is known only when the record is laid out: `at` speaks of it by a constant. */
  declare(): void {
    if (this.#fixed !== null) this.#module.declare(`const ${this.#offset}: usize = ${this.#at};`);
  }

  /** Statements that make room for a row at `head`. */
  ensure(number: number): string[] {
    if (!this.#apart) return [];
    return [`if (head - load<u32>(partition, ${this.#fields.first}) >= ${this.#capacity}) growRing${number}(partition);`];
  }

  get #capacity(): string {
    return `(load<u32>(partition, ${this.#at}) == 0 ? 0 : load<u32>(partition, ${this.#maskAt}) + 1)`;
  }

  /** Declares `growRingK`. `moved`: statements for when places have changed. */
  generateGrow(number: number, moved: readonly string[]): void {
    if (!this.#apart) return;
    const { bytes } = this.#row;
    const memory = (name: string) => this.#module.import('memory', name);
    this.#module.add(
      generatedFunction(`export function growRing${number}(partition: usize): void`, [
        `const old = <usize>load<u32>(partition, ${this.#at});`,
        `const before = load<u32>(partition, ${this.#maskAt});`,
        `const mask: u32 = old == 0 ? ${capacityMin - 1} : before * 2 + 1;`,
        `const fresh = ${memory('allocate')}((mask + 1) * ${bytes});`,
        'if (old != 0) {',
        `  const head = load<u32>(partition, ${this.#fields.head});`,
        `  for (let k = load<u32>(partition, ${this.#fields.first}); k < head; k++) memory.copy(fresh + <usize>(k & mask) * ${bytes}, old + <usize>(k & before) * ${bytes}, ${bytes});`,
        `  ${memory('release')}(old, (before + 1) * ${bytes});`,
        '}',
        `store<u32>(partition, <u32>fresh, ${this.#at});`,
        `store<u32>(partition, mask, ${this.#maskAt});`,
        ...moved,
      ]),
    );
  }

  release(): string[] {
    if (!this.#apart) return [];
    const release = this.#module.import('memory', 'release');
    return [
      `if (load<u32>(partition, ${this.#at}) != 0) ${release}(<usize>load<u32>(partition, ${this.#at}), ${this.places} * ${this.#row.bytes});`,
    ];
  }

  /** u32 expressions: bytes beside the record. */
  bytes(): string[] {
    return this.#apart ? [`${this.#capacity} * ${this.#row.bytes}`] : [];
  }
}

/** Rows that have to be kept for the next one, with it; null: there is no such number. */
function reachOf(calls: readonly WindowCall[]): number | null {
  const reaches = calls.map(({ name, frame, args, ignoreNulls }) => {
    if (peerFunctions.has(name) || needsPeers(frame) || ignoreNulls) return null;
    if (name === 'row_number') return 1;
    const offset = args[1];
    if (name === 'lag') return offset === undefined ? 2 : offset.kind === 'constant' ? Number(offset.value) + 1 : null;
    if (frame.unit !== 'rows') return null;
    if (frame.start.kind !== 'unbounded_preceding') return rowsOffset(frame.start, undefined) + 1;
    return frame.end.kind === 'preceding' ? rowsOffset(frame.end, undefined) + 2 : 2;
  });
  return reaches.includes(null) ? null : Math.max(...(reaches as number[]));
}
