import type { DataType } from '../../connectors/data-type.ts';

/**
 * What a value is inside a kernel. `string`: id of the module's string table (varchar, json, blob, enum). `packed`: list, map or struct,
 * as the id of its bytes in the string table (kernels/assembly/packed.ts). `nested` is no value's machine any more.
 */
export type Machine =
  | 'bool'
  | 'i8'
  | 'i16'
  | 'i32'
  | 'i64'
  | 'u8'
  | 'u16'
  | 'u32'
  | 'u64'
  | 'f32'
  | 'f64'
  | 'i128'
  | 'u128'
  | 'interval'
  | 'string'
  | 'packed'
  | 'nested';

const machines: Readonly<Record<string, Machine>> = {
  boolean: 'bool',
  tinyint: 'i8',
  smallint: 'i16',
  integer: 'i32',
  bigint: 'i64',
  hugeint: 'i128',
  utinyint: 'u8',
  usmallint: 'u16',
  uinteger: 'u32',
  ubigint: 'u64',
  uhugeint: 'u128',
  float: 'f32',
  double: 'f64',
  varchar: 'string',
  blob: 'string',
  json: 'string',
  enum: 'string',
  date: 'i32',
  time: 'i64',
  timestamp: 'i64',
  timestamp_s: 'i64',
  timestamp_ms: 'i64',
  timestamp_ns: 'i64',
  timestamptz: 'i64',
  interval: 'interval',
  uuid: 'i128',
  null: 'i32',
  list: 'packed',
  map: 'packed',
  struct: 'packed',
};

export function machineOf(type: DataType): Machine {
  if (type.kind === 'decimal') return type.width <= 4 ? 'i16' : type.width <= 9 ? 'i32' : type.width <= 18 ? 'i64' : 'i128';
  return machines[type.kind] as Machine;
}

/** AssemblyScript type of each part of a value, low word first; interval is months, days, microseconds. */
export function partTypes(machine: Machine): readonly string[] {
  switch (machine) {
    case 'i128':
      return ['u64', 'i64'];
    case 'u128':
      return ['u64', 'u64'];
    case 'interval':
      return ['i32', 'i32', 'i64'];
    case 'string':
    case 'packed':
      return ['u32'];
    case 'nested':
      return [];
    default:
      return [machine];
  }
}

const sizes: Readonly<Record<string, number>> = { bool: 1, i8: 1, u8: 1, i16: 2, u16: 2, i32: 4, u32: 4, f32: 4, i64: 8, u64: 8, f64: 8 };

/** Bytes of one part in a column. */
export function partSize(part: string): number {
  return sizes[part] as number;
}

/** Bytes of one value in a column. */
export function valueSize(machine: Machine): number {
  return partTypes(machine).reduce((bytes, part) => bytes + partSize(part), 0);
}

/** The word that stands for an absent value: of no meaning, but of the right type. */
export function zeroOf(part: string): string {
  return part === 'bool' ? 'false' : `<${part}>0`;
}

/** Values that are ids of the string table: whoever keeps them marks them. */
export function isInterned(machine: Machine): boolean {
  return machine === 'string' || machine === 'packed';
}
