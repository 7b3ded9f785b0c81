import type { FixedArray } from '../../connectors/batch.ts';
import type { Machine } from './machine-type.ts';

/** The bytes of a column of fixed-width values, seen as batches have them. */
export function fixedArray(machine: Machine, bytes: ArrayBuffer): FixedArray {
  switch (machine) {
    case 'bool':
    case 'u8':
    case 'interval':
      return new Uint8Array(bytes);
    case 'i8':
      return new Int8Array(bytes);
    case 'i16':
      return new Int16Array(bytes);
    case 'u16':
      return new Uint16Array(bytes);
    case 'i32':
      return new Int32Array(bytes);
    case 'u32':
      return new Uint32Array(bytes);
    case 'i64':
      return new BigInt64Array(bytes);
    case 'f32':
      return new Float32Array(bytes);
    case 'f64':
      return new Float64Array(bytes);
    default:
      return new BigUint64Array(bytes);
  }
}
