import type { DataType } from '../../data-type.ts';
import { bytesValue, isTimestamp, momentValue } from '../plain-value.ts';
import { ValueFault } from '../value-fault.ts';
import type { ProtoField, ProtoMessage, ProtoScalar, ProtoType } from './schema.ts';
import type { Wire } from './wire.ts';

const depthMax = 100;
const json: DataType = { kind: 'json' };
const integerKinds = /^u?(tiny|small|big|huge)?int(eger)?$/;
const nanosecondsPerSecond = 1_000_000_000n;

/** Type that each field is read for, by its name; undefined: no column has it, so it is only checked. */
export type TypeOf = (name: string) => DataType | undefined;

const wireTypes: Readonly<Record<ProtoScalar, number>> = {
  double: 1,
  float: 5,
  int32: 0,
  uint32: 0,
  sint32: 0,
  fixed32: 5,
  sfixed32: 5,
  int64: 0,
  uint64: 0,
  sint64: 0,
  fixed64: 1,
  sfixed64: 1,
  bool: 0,
  string: 2,
  bytes: 2,
};

/** What of a message has come so far: values by name, and the messages inside it, which may come in parts. */
interface Gathered {
  readonly values: Map<string, unknown>;
  readonly inner: Map<ProtoField, Gathered>;
}

/**
 * Fields by name as builders of their types take them. A field that comes again replaces itself, joins a list or is merged. `unknown`
 * receives the fields that `typeOf` does not know.
 */
export function readMessage(wire: Wire, message: ProtoMessage, typeOf: TypeOf, unknown: Set<string> | null = null): Map<string, unknown> {
  const gathered = begin();
  gather(wire, message, typeOf, gathered, 0, unknown);
  return finish(gathered, message, typeOf);
}

function begin(): Gathered {
  return { values: new Map(), inner: new Map() };
}

function gather(wire: Wire, message: ProtoMessage, typeOf: TypeOf, into: Gathered, depth: number, unknown: Set<string> | null): void {
  if (depth > depthMax) throw new ValueFault(`nested deeper than ${depthMax} levels`);
  while (!wire.atEnd) {
    const { number, wireType } = wire.tag();
    const field = message.fields.get(number);
    if (field === undefined) {
      wire.skip(wireType, number);
      unknown?.add(`#${number}`);
      continue;
    }
    const type = typeOf(field.name);
    if (type === undefined) unknown?.add(field.name);
    readField(wire, field, wireType, type ?? json, into, depth);
  }
}

function finish({ values, inner }: Gathered, message: ProtoMessage, typeOf: TypeOf): Map<string, unknown> {
  for (const [field, parts] of inner) {
    const type = typeOf(field.name) ?? json;
    if (field.type.kind === 'message') values.set(field.name, messageOf(parts, field.type, type));
  }
  for (const field of message.fields.values()) if (!values.has(field.name)) addAbsent(values, field, typeOf(field.name) ?? json);
  return values;
}

function typesInside(type: DataType): TypeOf {
  return (name) => (type.kind === 'struct' ? type.fields.find((field) => field.name === name)?.type : undefined);
}

function messageOf(parts: Gathered, of: ProtoType & { kind: 'message' }, type: DataType): unknown {
  return messageValue(finish(parts, of.message, typesInside(type)), of, type);
}

function readField(wire: Wire, field: ProtoField, wireType: number, type: DataType, into: Gathered, depth: number): void {
  const { values, inner } = into;
  const expected = field.type.kind === 'scalar' ? wireTypes[field.type.scalar] : field.type.kind === 'enum' ? 0 : 2;
  const packs = field.repeated && expected !== 2 && wireType === 2;
  if (!packs && wireType !== (field.key === null ? expected : 2)) {
    throw new ValueFault(`field ${field.name} has the wire type ${wireType}`, field.name);
  }
  if (field.key !== null) {
    const map = (values.get(field.name) ?? new Map()) as Map<unknown, unknown>;
    readEntry(wire.inside(), field, type.kind === 'map' ? type.value : json, map, depth);
    values.set(field.name, map);
    return;
  }
  if (field.repeated) {
    const list = (values.get(field.name) ?? []) as unknown[];
    const element = type.kind === 'list' ? type.child : json;
    const packed = packs ? wire.inside() : null;
    if (packed === null) list.push(readValue(wire, field.type, element, depth));
    else while (!packed.atEnd) list.push(readValue(packed, field.type, element, depth));
    values.set(field.name, list);
    return;
  }
  if (field.type.kind !== 'message') {
    values.set(field.name, readValue(wire, field.type, type, depth));
    return;
  }
  const parts = inner.get(field) ?? begin();
  inner.set(field, parts);
  gather(wire.inside(), field.type.message, typesInside(type), parts, depth + 1, null);
}

function readEntry(wire: Wire, field: ProtoField, type: DataType, map: Map<unknown, unknown>, depth: number): void {
  const scalar = field.key as ProtoScalar;
  const keyType: ProtoType = { kind: 'scalar', scalar };
  let key: unknown = zero(keyType, json);
  let value: unknown = field.type.kind === 'message' ? null : zero(field.type, type);
  while (!wire.atEnd) {
    const { number, wireType } = wire.tag();
    if (number === 1 && wireType === wireTypes[scalar]) key = readValue(wire, keyType, json, depth);
    else if (number === 2) value = readValue(wire, field.type, type, depth);
    else wire.skip(wireType, number);
  }
  map.set(key, value);
}

function readValue(wire: Wire, of: ProtoType, type: DataType, depth: number): unknown {
  if (of.kind === 'message') {
    const parts = begin();
    gather(wire.inside(), of.message, typesInside(type), parts, depth + 1, null);
    return messageOf(parts, of, type);
  }
  if (of.kind === 'enum') return enumValue(Number(BigInt.asIntN(32, wire.varint())), of.names, type);
  switch (of.scalar) {
    case 'double':
      return wire.double();
    case 'float':
      return wire.float();
    case 'int32':
      return Number(BigInt.asIntN(32, wire.varint()));
    case 'uint32':
      return Number(BigInt.asUintN(32, wire.varint()));
    case 'sint32':
      return Number(BigInt.asIntN(32, unfold(BigInt.asUintN(32, wire.varint()))));
    case 'fixed32':
      return wire.fixed32();
    case 'sfixed32':
      return wire.fixed32() | 0;
    case 'int64':
      return BigInt.asIntN(64, wire.varint());
    case 'uint64':
      return wire.varint();
    case 'sint64':
      return unfold(wire.varint());
    case 'fixed64':
      return wire.fixed64();
    case 'sfixed64':
      return BigInt.asIntN(64, wire.fixed64());
    case 'bool':
      return wire.varint() !== 0n;
    case 'string':
      return wire.inside().restText();
    case 'bytes':
      return bytesValue(wire.inside().rest(), type);
  }
}

/** Zigzag. */
function unfold(value: bigint): bigint {
  return (value >> 1n) ^ -(value & 1n);
}

/** Its name, or its number for a column of integers. */
function enumValue(value: number, names: ReadonlyMap<number, string>, type: DataType): unknown {
  return integerKinds.test(type.kind) ? value : (names.get(value) ?? String(value));
}

/** Well-known messages as what they mean; others as an object or a map. */
function messageValue(fields: ReadonlyMap<string, unknown>, of: ProtoType, type: DataType): unknown {
  const name = of.kind === 'message' ? of.message.name : '';
  if (name === 'google.protobuf.Timestamp' && isTimestamp(type)) return momentValue(nanoseconds(fields), 1_000_000_000, type);
  if (name === 'google.protobuf.Duration' && type.kind === 'interval') return `${nanoseconds(fields) / 1000n} us`;
  if (/^google\.protobuf\.\w+Value$/.test(name) && fields.size === 1 && fields.has('value')) return wrapped(fields.get('value'), type);
  if (type.kind === 'struct') return Object.assign(Object.create(null), Object.fromEntries(fields));
  return fields;
}

function wrapped(value: unknown, type: DataType): unknown {
  return value instanceof Uint8Array ? bytesValue(value, type) : value;
}

function nanoseconds(fields: ReadonlyMap<string, unknown>): bigint {
  return BigInt((fields.get('seconds') ?? 0) as bigint) * nanosecondsPerSecond + BigInt((fields.get('nanos') ?? 0) as number);
}

/** Of a field that did not come: nothing where that can be told from its zero. */
function addAbsent(values: Map<string, unknown>, field: ProtoField, type: DataType): void {
  if (field.key !== null) values.set(field.name, new Map());
  else if (field.repeated) values.set(field.name, []);
  else if (field.initial !== undefined) values.set(field.name, field.initial);
  else if (!field.presence) values.set(field.name, zero(field.type, type));
}

function zero(of: ProtoType, type: DataType): unknown {
  if (of.kind === 'enum') return enumValue(0, of.names, type);
  if (of.kind === 'message') return null;
  if (of.scalar === 'bool') return false;
  if (of.scalar === 'string') return '';
  return of.scalar === 'bytes' ? bytesValue(new Uint8Array(0), type) : 0;
}
