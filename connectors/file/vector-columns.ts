import duckdb from '@duckdb/node-bindings';
import { batchRowsMax, type Column, type FixedArray, type Validity } from '../batch.ts';
import type { DataType } from '../data-type.ts';
import { RecycledArray } from '../recycled-array.ts';
import { forgetView, validityOf, viewVector } from './vector-view.ts';

type Vector = duckdb.Vector;

/** Takes ranges of rows of DuckDB vectors of one type, copying whole ranges. */
export abstract class VectorColumn {
  readonly type: DataType;
  rows = 0;
  #validity = new Uint8Array(batchRowsMax / 8).fill(0xff);
  #nulls = false;

  constructor(type: DataType) {
    this.type = type;
  }

  /** Appends rows [start, start + count) of a vector. `known`: its validity, where the caller has it already. */
  append(vector: Vector, start: number, count: number, known?: Validity): void {
    if (count === 0) return;
    const validity = known === undefined ? validityOf(vector, start + count) : known;
    this.appendValues(vector, start, count, validity);
    if (validity !== null) this.#copyValidity(validity, start, count);
    this.rows += count;
  }

  protected abstract appendValues(vector: Vector, start: number, count: number, validity: Validity): void;

  protected abstract takeColumn(validity: Validity): Column;

  /** Gives back the arrays of a column that `finish` made and nobody uses any more. */
  abstract recycle(column: Column): void;

  finish(): Column {
    let validity: Validity = null;
    if (this.#nulls) {
      validity = new Uint8Array((this.rows + 7) >> 3).fill(0xff);
      validity.set(this.#validity.subarray(0, validity.length));
      this.#validity.fill(0xff);
      this.#nulls = false;
    }
    const column = this.takeColumn(validity);
    this.rows = 0;
    return column;
  }

  #copyValidity(source: Uint8Array, start: number, count: number): void {
    const bytes = (this.rows + count + 7) >> 3;
    if (bytes > this.#validity.length) {
      const larger = new Uint8Array(Math.max(bytes, this.#validity.length * 2)).fill(0xff);
      larger.set(this.#validity);
      this.#validity = larger;
    }
    for (let row = 0; row < count; row++) {
      const from = start + row;
      if ((from & 7) === 0 && source[from >> 3] === 0xff) {
        row += 7;
        continue;
      }
      if (isValid(source, from)) continue;
      const to = this.rows + row;
      this.#validity[to >> 3] = (this.#validity[to >> 3] as number) & ~(1 << (to & 7));
      this.#nulls = true;
    }
  }
}

export function isValid(validity: Uint8Array, row: number): boolean {
  return ((validity[row >> 3] as number) & (1 << (row & 7))) !== 0;
}

export class FixedVectorColumn extends VectorColumn {
  readonly #data: RecycledArray<FixedArray>;
  readonly #elementsPerRow: number;

  /** `make`: an array of so many elements. */
  constructor(type: DataType, make: (length: number) => FixedArray, elementsPerRow: number) {
    super(type);
    this.#data = new RecycledArray(make, batchRowsMax * elementsPerRow);
    this.#elementsPerRow = elementsPerRow;
  }

  protected override appendValues(vector: Vector, start: number, count: number): void {
    const data = this.#data.room((this.rows + count) * this.#elementsPerRow);
    const width = data.BYTES_PER_ELEMENT * this.#elementsPerRow;
    const source = viewVector(vector, (start + count) * width);
    new Uint8Array(data.buffer).set(start === 0 ? source : source.subarray(start * width), this.rows * width);
    forgetView(source);
  }

  protected override takeColumn(validity: Validity): Column {
    return { kind: 'fixed', type: this.type, data: this.#data.take(this.rows * this.#elementsPerRow), validity };
  }

  override recycle(column: Column): void {
    if (column.kind === 'fixed') this.#data.recycle(column.data);
  }
}

const listEntryBytes = 16;

/** LIST and MAP: DuckDB keeps (offset, length) per row and all elements in one child vector; a map's child is a struct of two. */
export class ListVectorColumn extends VectorColumn {
  readonly #children: readonly VectorColumn[];
  #offsets = new Uint32Array(2049);

  constructor(type: DataType, children: readonly VectorColumn[]) {
    super(type);
    this.#children = children;
  }

  protected override appendValues(vector: Vector, start: number, count: number, validity: Validity): void {
    if (this.rows + count + 1 > this.#offsets.length) {
      const larger = new Uint32Array(Math.max(this.rows + count + 1, this.#offsets.length * 2));
      larger.set(this.#offsets);
      this.#offsets = larger;
    }
    const raw = viewVector(vector, (start + count) * listEntryBytes);
    const entries = new BigUint64Array(raw.buffer, raw.byteOffset, raw.byteLength / 8);
    const elements = duckdb.list_vector_get_child(vector);
    const sources =
      this.#children.length === 1 ? [elements] : this.#children.map((_, index) => duckdb.struct_vector_get_child(elements, index));
    let from = 0;
    let to = 0;
    const copy = () => {
      for (const [index, child] of this.#children.entries()) child.append(sources[index] as Vector, from, to - from);
    };
    for (let row = 0; row < count; row++) {
      const valid = validity === null || isValid(validity, start + row);
      const length = valid ? Number(entries[(start + row) * 2 + 1]) : 0;
      const offset = Number(entries[(start + row) * 2]);
      if (length > 0 && offset !== to) {
        copy();
        from = to = offset;
      }
      to += length;
      this.#offsets[this.rows + row + 1] = (this.#offsets[this.rows + row] as number) + length;
    }
    copy();
    forgetView(raw);
  }

  protected override takeColumn(validity: Validity): Column {
    const offsets = this.#offsets.slice(0, this.rows + 1);
    return { kind: 'list', type: this.type, offsets, children: this.#children.map((child) => child.finish()), validity };
  }

  override recycle(column: Column): void {
    if (column.kind !== 'list') return;
    for (const [index, child] of this.#children.entries()) child.recycle(column.children[index] as Column);
  }
}

export class StructVectorColumn extends VectorColumn {
  readonly #children: readonly VectorColumn[];

  constructor(type: DataType, children: readonly VectorColumn[]) {
    super(type);
    this.#children = children;
  }

  protected override appendValues(vector: Vector, start: number, count: number): void {
    for (const [index, child] of this.#children.entries()) child.append(duckdb.struct_vector_get_child(vector, index), start, count);
  }

  protected override takeColumn(validity: Validity): Column {
    return { kind: 'struct', type: this.type, children: this.#children.map((child) => child.finish()), validity };
  }

  override recycle(column: Column): void {
    if (column.kind !== 'struct') return;
    for (const [index, child] of this.#children.entries()) child.recycle(column.children[index] as Column);
  }
}
