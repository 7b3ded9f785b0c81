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

/** Fields by name as builders of their types take them. A field that comes again replaces itself, joins a list or is merged. */
export function readMessage(wire: Wire, message: ProtoMessage, typeOf: TypeOf, depth = 0, unknown: Set<string> | null = null) {
  if (depth > depthMax) throw new ValueFault(`nested deeper than ${depthMax} levels`);
  const values = new Map<string, unknown>();
  const inner = new Map<ProtoField, Map<string, unknown>>();
  while (!wire.atEnd) {
    const { number, wireType } = wire.tag();
    const field = message.fields.get(number);
    if (field === undefined) {
      wire.skip(wireType, number);
      unknown?.add(`#${number}`);
      continue;
    }
    if (unknown !== null && typeOf(field.name) === undefined) unknown.add(field.name);
    readField(wire, field, wireType, typeOf(field.name) ?? json, { values, inner, depth, number });
  }
  for (const [field, merged] of inner) values.set(field.name, messageValue(merged, field.type, typeOf(field.name) ?? json));
  for (const field of message.fields.values()) if (!values.has(field.name)) addAbsent(values, field, typeOf(field.name) ?? json);
  return values;
}

interface Target {
  readonly values: Map<string, unknown>;
  readonly inner: Map<ProtoField, Map<string, unknown>>;
  readonly depth: number;
  readonly number: number;
}

function readField(wire: Wire, field: ProtoField, wireType: number, type: DataType, { values, inner, depth, number }: Target): void {
  const expected = field.type.kind === 'scalar' ? wireTypes[field.type.scalar] : field.type.kind === 'enum' ? 0 : 2;
  if (field.key !== null) {
    if (wireType !== 2) throw new ValueFault(`field ${number} has the wire type ${wireType}`, field.name);
    const map = (values.get(field.name) ?? new Map()) as Map<unknown, unknown>;
    readEntry(wire.inside(), field, type.kind === 'map' ? type.value : json, map, depth);
    values.set(field.name, map);
    return;
  }
  if (field.repeated) {
    const list = (values.get(field.name) ?? []) as unknown[];
    const element = type.kind === 'list' ? type.child : json;
    if (wireType === 2 && expected !== 2) {
      const packed = wire.inside();
      while (!packed.atEnd) list.push(readValue(packed, field.type, element, depth));
    } else {
      if (wireType !== expected) throw new ValueFault(`field ${number} has the wire type ${wireType}`, field.name);
      list.push(readValue(wire, field.type, element, depth));
    }
    values.set(field.name, list);
    return;
  }
  if (wireType !== expected) throw new ValueFault(`field ${number} has the wire type ${wireType}`, field.name);
  if (field.type.kind !== 'message') {
    values.set(field.name, readValue(wire, field.type, type, depth));
    return;
  }
  const before = inner.get(field);
  const next = readFields(wire.inside(), field.type.message, type, depth);
  inner.set(field, before === undefined ? next : merge(before, next));
}

function merge(before: Map<string, unknown>, next: Map<string, unknown>): Map<string, unknown> {
  for (const [name, value] of next) {
    const known = before.get(name);
    if (Array.isArray(known) && Array.isArray(value)) known.push(...value);
    else if (value !== null && value !== undefined) before.set(name, value);
  }
  return before;
}

function readFields(wire: Wire, message: ProtoMessage, type: DataType, depth: number): Map<string, unknown> {
  return readMessage(
    wire,
    message,
    (name) => (type.kind === 'struct' ? type.fields.find((field) => field.name === name)?.type : undefined),
    depth + 1,
  );
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
  if (of.kind === 'message') return messageValue(readFields(wire.inside(), of.message, type, depth), of, type);
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
