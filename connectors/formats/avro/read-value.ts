import type { DataType } from '../../data-type.ts';
import { bigEndian, bytesValue, clockValue, dateValue, decimalText, isText, momentValue } from '../plain-value.ts';
import { ValueFault } from '../value-fault.ts';
import type { AvroBytes } from './avro-bytes.ts';
import type { AvroRecord, AvroSchema, Logical } from './schema.ts';

const depthMax = 256;
/** Elements of one array or map, also of those that take no bytes. */
const elementsMax = 1 << 20;
const json: DataType = { kind: 'json' };
const nothing: DataType = { kind: 'null' };

/** What elements are read for when the column is none of their kind: nothing in a value that is passed over (`null`). */
function otherwise(type: DataType): DataType {
  return type.kind === 'null' ? type : json;
}

/** The value that stands next, of the writer's schema, as a builder of `type` takes it. */
export function readAvro(bytes: AvroBytes, schema: AvroSchema, type: DataType, depth = 0): unknown {
  if (depth > depthMax) throw new ValueFault(`nested deeper than ${depthMax} levels`);
  switch (schema.type) {
    case 'null':
      return null;
    case 'boolean':
      return bytes.boolean();
    case 'int':
      return integerValue(BigInt(bytes.int()), schema.logical, type);
    case 'long':
      return integerValue(bytes.long(), schema.logical, type);
    case 'float':
      return bytes.float();
    case 'double':
      return bytes.double();
    case 'string':
      return bytes.string();
    case 'bytes':
      return binaryValue(bytes.bytes(), schema.logical, type);
    case 'fixed':
      return binaryValue(bytes.fixed(schema.size), schema.logical, type);
    case 'enum':
      return chosen(schema.symbols, bytes.int(), 'symbol');
    case 'union':
      return readAvro(bytes, chosen(schema.branches, bytes.int(), 'branch'), type, depth + 1);
    case 'array':
      return readArray(bytes, schema.items, type.kind === 'list' ? type.child : otherwise(type), depth);
    case 'map':
      return readMap(bytes, schema.values, type, depth);
    case 'record':
      return readRecord(bytes, schema, type, depth);
  }
}

function chosen<T>(from: readonly T[], index: number, what: string): T {
  const found = from[index];
  if (found === undefined) throw new ValueFault(`${what} ${index} of ${from.length}`);
  return found;
}

function integerValue(value: bigint, logical: Logical | null, type: DataType): unknown {
  switch (logical?.kind) {
    case 'timestamp':
      return momentValue(value, logical.perSecond, type);
    case 'date':
      return dateValue(value, type);
    case 'time':
      return clockValue(value * BigInt(1_000_000 / logical.perSecond), type);
    default:
      return value;
  }
}

function binaryValue(value: Uint8Array, logical: Logical | null, type: DataType): unknown {
  if (logical?.kind === 'decimal') return decimalText(bigEndian(value), logical.scale);
  if (logical?.kind !== 'duration') return bytesValue(value, type);
  const view = new DataView(value.buffer, value.byteOffset, value.byteLength);
  const [months, days, milliseconds] = [0, 4, 8].map((at) => view.getUint32(at, true));
  return `${months} months ${days} days ${milliseconds} ms`;
}

/** Blocks of elements: a negative count is followed by the block's size in bytes. */
function readBlocks(bytes: AvroBytes, read: () => void): void {
  let total = 0;
  for (;;) {
    let count = bytes.long();
    if (count === 0n) return;
    if (count < 0n) {
      count = -count;
      bytes.long();
    }
    if (count > BigInt(elementsMax - total)) throw new ValueFault(`more than ${elementsMax} elements`);
    total += Number(count);
    for (let element = 0n; element < count; element++) read();
  }
}

function readArray(bytes: AvroBytes, items: AvroSchema, type: DataType, depth: number): unknown[] {
  const values: unknown[] = [];
  readBlocks(bytes, () => values.push(readAvro(bytes, items, type, depth + 1)));
  return values;
}

/** As an object for a STRUCT, as a map for a MAP or JSON. The last of several values of a key counts. */
function readMap(bytes: AvroBytes, values: AvroSchema, type: DataType, depth: number): unknown {
  const map = new Map<string, unknown>();
  const inner = (key: string): DataType => {
    if (type.kind === 'map') return type.value;
    if (type.kind !== 'struct') return otherwise(type);
    return type.fields.find(({ name }) => name === key)?.type ?? nothing;
  };
  readBlocks(bytes, () => {
    const key = bytes.string();
    map.set(key, readAvro(bytes, values, inner(key), depth + 1));
  });
  return type.kind === 'struct' ? objectOf(map) : map;
}

function readRecord(bytes: AvroBytes, { fields }: AvroRecord, type: DataType, depth: number): unknown {
  const values = new Map<string, unknown>();
  for (const { name, schema } of fields) {
    const field = type.kind === 'struct' ? type.fields.find((each) => each.name === name) : undefined;
    const inner = type.kind === 'map' ? type.value : type.kind === 'struct' ? (field?.type ?? nothing) : otherwise(type);
    values.set(name, readAvro(bytes, schema, inner, depth + 1));
  }
  return type.kind === 'map' || isText(type) ? values : objectOf(values);
}

function objectOf(values: ReadonlyMap<string, unknown>): object {
  return Object.assign(Object.create(null), Object.fromEntries(values));
}

/** A field's default, which a schema gives as JSON. */
export function initialValue(initial: unknown, schema: AvroSchema, type: DataType): unknown {
  const own = schema.type === 'union' ? (schema.branches.find((branch) => fitsInitial(initial, branch)) ?? schema) : schema;
  if (initial === null) return null;
  if ((own.type === 'bytes' || own.type === 'fixed') && typeof initial === 'string') {
    return binaryValue(
      Uint8Array.from(initial, (unit) => unit.charCodeAt(0)),
      own.logical,
      type,
    );
  }
  if ((own.type === 'int' || own.type === 'long') && typeof initial === 'number') return integerValue(BigInt(initial), own.logical, type);
  return initial;
}

function fitsInitial(initial: unknown, { type }: AvroSchema): boolean {
  if (initial === null) return type === 'null';
  if (typeof initial === 'number') return type === 'int' || type === 'long' || type === 'float' || type === 'double';
  if (typeof initial === 'boolean') return type === 'boolean';
  if (typeof initial === 'string') return type === 'string' || type === 'bytes' || type === 'enum' || type === 'fixed';
  return Array.isArray(initial) ? type === 'array' : type === 'map' || type === 'record';
}
