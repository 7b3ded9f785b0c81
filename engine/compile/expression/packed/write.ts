import type { DataType } from '../../../../connectors/data-type.ts';
import { partSize, partTypes } from '../../machine-type.ts';
import type { ExpressionScope, Value } from '../contract.ts';
import { packedWidth } from './shape.ts';

/** Stores a value of a fixed width at an address that is evaluated once. */
export function storeFixed(scope: ExpressionScope, value: Value, address: string): void {
  const types = partTypes(value.machine);
  const at = types.length === 1 ? `(${address})` : scope.name('a');
  if (types.length > 1) scope.emit(`const ${at}: usize = ${address};`);
  let offset = 0;
  types.forEach((part, k) => {
    const text = value.parts[k] as string;
    scope.emit(part === 'bool' ? `store<u8>(${at}, <u8>${text});` : `store<${part}>(${at}, ${text}, ${offset});`);
    offset += partSize(part);
  });
}

function whenValid(scope: ExpressionScope, valid: string, body: (inner: ExpressionScope) => void): void {
  if (valid === 'true') body(scope);
  else if (valid !== 'false') scope.block(`if (${valid})`, body);
}

/** A list being written: elements from the first to the last. */
export class ListWriter {
  readonly #child: DataType;
  readonly #list: string;

  /** `count`: u32 expression. */
  constructor(scope: ExpressionScope, child: DataType, count: string) {
    this.#child = child;
    this.#list = scope.name('list');
    scope.emit(`const ${this.#list}: u32 = ${scope.module.import('packed', 'beginPackedList')}(${count}, ${packedWidth(child)});`);
  }

  /** Element `i` (u32 expression). */
  set(scope: ExpressionScope, i: string, value: Value): void {
    this.put(scope, i, value.valid, (inner) => {
      if (packedWidth(this.#child) === 0) inner.emit(`${inner.module.import('packed', 'putPackedString')}(${value.parts[0]});`);
      else storeFixed(inner, value, this.address(inner, i));
    });
  }

  /** Element `i`, whose bytes `write` appends where it is valid; of types of any length. */
  put(scope: ExpressionScope, i: string, valid: string, write: (inner: ExpressionScope) => void): void {
    const variable = packedWidth(this.#child) === 0;
    whenValid(scope, valid, (inner) => {
      if (variable) inner.emit(`${this.address(inner, i)};`);
      write(inner);
    });
    if (variable) scope.emit(`${scope.module.import('packed', 'endPackedElement')}(${this.#list}, ${i});`);
  }

  address(scope: ExpressionScope, i: string): string {
    return `${scope.module.import('packed', 'packedElement')}(${this.#list}, ${i}, ${packedWidth(this.#child)})`;
  }

  /** u32 expression: id of the list. */
  finish(scope: ExpressionScope): string {
    return `${scope.module.import('packed', 'finishPacked')}(${this.#list})`;
  }
}

/** A struct being written, field by field in their order. */
export class StructWriter {
  readonly #struct: string;
  #fields = 0;

  constructor(scope: ExpressionScope, fields: number) {
    this.#struct = scope.name('struct');
    scope.emit(`const ${this.#struct}: u32 = ${scope.module.import('packed', 'beginPackedStruct')}(${fields});`);
  }

  add(scope: ExpressionScope, value: Value): void {
    this.put(scope, value.type, value.valid, (inner, slot) => {
      if (slot === null) inner.emit(`${inner.module.import('packed', 'putPackedString')}(${value.parts[0]});`);
      else storeFixed(inner, value, slot);
    });
  }

  /** The next field. `write` stores it in its slot (usize expression), or appends its bytes. */
  put(scope: ExpressionScope, type: DataType, valid: string, write: (inner: ExpressionScope, slot: string | null) => void): void {
    const { module } = scope;
    const width = packedWidth(type);
    const k = this.#fields++;
    const mark = (inner: ExpressionScope) => inner.emit(`${module.import('packed', 'setPackedField')}(${this.#struct}, ${k});`);
    if (width > 0) {
      const slot = scope.name('slot');
      scope.emit(`const ${slot}: usize = ${module.import('packed', 'extendPacked')}(${width});`);
      whenValid(scope, valid, (inner) => {
        mark(inner);
        write(inner, slot);
      });
      return;
    }
    const field = beginField(scope);
    whenValid(scope, valid, (inner) => {
      mark(inner);
      write(inner, null);
    });
    endField(scope, field);
  }

  finish(scope: ExpressionScope): string {
    return `${scope.module.import('packed', 'finishPacked')}(${this.#struct})`;
  }
}

/** Begins a part of any length that is preceded by its length: a struct's field, or a map's keys. Gives its place. */
export function beginField(scope: ExpressionScope): string {
  const field = scope.name('field');
  scope.emit(`const ${field}: u32 = ${scope.module.import('packed', 'packedEnd')}();`);
  scope.emit(`${scope.module.import('packed', 'extendPacked')}(4);`);
  return field;
}

export function endField(scope: ExpressionScope, field: string): void {
  scope.emit(`${scope.module.import('packed', 'endPackedField')}(${field});`);
}
