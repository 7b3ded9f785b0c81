import type { DataType } from '../../../../connectors/data-type.ts';
import { type Machine, machineOf, valueSize } from '../../machine-type.ts';
import type { ModuleScope } from '../contract.ts';

export type ListType = Extract<DataType, { kind: 'list' }>;
export type MapType = Extract<DataType, { kind: 'map' }>;
export type StructType = Extract<DataType, { kind: 'struct' }>;

/** Tags of kernels/assembly/packed-order.ts. */
const tags: Readonly<Partial<Record<Machine, number>>> = {
  bool: 1,
  i8: 2,
  i16: 3,
  i32: 4,
  i64: 5,
  u8: 6,
  u16: 7,
  u32: 8,
  u64: 9,
  f32: 10,
  f64: 11,
  i128: 12,
  u128: 13,
  interval: 14,
  string: 15,
};

function shapeOf(type: DataType): number[] {
  switch (type.kind) {
    case 'list':
      return [16, ...shapeOf(type.child)];
    case 'map':
      return [17, ...shapeOf(type.key), ...shapeOf(type.value)];
    case 'struct': {
      const count = type.fields.length;
      return [18, count & 255, count >> 8, ...type.fields.flatMap((field) => shapeOf(field.type))];
    }
    default:
      return [tags[machineOf(type)] as number];
  }
}

const shapes = new WeakMap<ModuleScope, Map<string, string>>();

/** usize expression: where the shape of a nested type lies, for packed-order's kernels. */
export function shapeAddress(module: ModuleScope, type: DataType): string {
  const bytes = shapeOf(type);
  const known = shapes.get(module) ?? new Map<string, string>();
  shapes.set(module, known);
  const key = bytes.join(' ');
  const address = known.get(key) ?? module.data(Uint8Array.from(bytes));
  known.set(key, address);
  return address;
}

/** Bytes of a value inside a packed one; 0: any number of them (texts and nested values). */
export function packedWidth(type: DataType): number {
  const machine = machineOf(type);
  return machine === 'string' || machine === 'packed' ? 0 : valueSize(machine);
}

/** Whether values that SQL calls equal can differ in their bytes: two zeros, NaNs, intervals. */
export function hasManyForms(type: DataType): boolean {
  switch (type.kind) {
    case 'list':
      return hasManyForms(type.child);
    case 'map':
      return hasManyForms(type.key) || hasManyForms(type.value);
    case 'struct':
      return type.fields.some((field) => hasManyForms(field.type));
    default:
      return type.kind === 'float' || type.kind === 'double' || type.kind === 'interval';
  }
}

/** Whether an ENUM lies somewhere inside: its values do not order as texts. */
export function holdsEnum(type: DataType): boolean {
  switch (type.kind) {
    case 'list':
      return holdsEnum(type.child);
    case 'map':
      return holdsEnum(type.key) || holdsEnum(type.value);
    case 'struct':
      return type.fields.some((field) => holdsEnum(field.type));
    default:
      return type.kind === 'enum';
  }
}
