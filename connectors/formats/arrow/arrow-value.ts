import { type Data, type DataType as ArrowType, DateUnit, type Decimal, Type, TimeUnit, type Vector } from 'apache-arrow';
import type { DataType } from '../../data-type.ts';
import { bytesValue, clockValue, dateValue, decimalText, momentValue } from '../plain-value.ts';
import { ValueFault } from '../value-fault.ts';

const json: DataType = { kind: 'json' };
const perSecond: Readonly<Record<TimeUnit, number>> = {
  [TimeUnit.SECOND]: 1,
  [TimeUnit.MILLISECOND]: 1000,
  [TimeUnit.MICROSECOND]: 1_000_000,
  [TimeUnit.NANOSECOND]: 1_000_000_000,
};

/** The value of one row of an Arrow array as a builder of `type` takes it. */
export function arrowValue(data: Data, row: number, type: DataType): unknown {
  if (!data.getValid(row)) return null;
  const { values } = data as { values: unknown };
  const arrow = data.type as ArrowType & { unit: number };
  switch (data.typeId) {
    case Type.Null:
      return null;
    case Type.Bool:
      return (((values as Uint8Array)[(data.offset + row) >> 3] as number) & (1 << ((data.offset + row) & 7))) !== 0;
    case Type.Int:
      return (values as Int32Array | BigInt64Array)[row];
    case Type.Float:
      return floatValue(data, row);
    case Type.Timestamp:
      return momentValue((values as BigInt64Array)[row] as bigint, perSecond[arrow.unit as TimeUnit], type);
    case Type.Date:
      if (arrow.unit === DateUnit.DAY) return dateValue(BigInt((values as Int32Array)[row] as number), type);
      return dateValue((values as BigInt64Array)[row]! / 86_400_000n, type);
    case Type.Time:
      return clockValue(microseconds((values as Int32Array | BigInt64Array)[row] as number | bigint, arrow.unit), type);
    case Type.Decimal:
      return decimalText(
        decimalWords(values as Uint32Array, row, (arrow as unknown as Decimal).bitWidth),
        (arrow as unknown as Decimal).scale,
      );
    case Type.Utf8:
    case Type.LargeUtf8:
      return textValue(data, row);
    case Type.Binary:
    case Type.LargeBinary:
      return bytesValue(slice(data, row), type);
    case Type.FixedSizeBinary: {
      const { byteWidth } = arrow as unknown as { byteWidth: number };
      return bytesValue((values as Uint8Array).slice(row * byteWidth, (row + 1) * byteWidth), type);
    }
    default:
      return nestedValue(data, row, type);
  }
}

function nestedValue(data: Data, row: number, type: DataType): unknown {
  const children = data.children as readonly Data[];
  switch (data.typeId) {
    case Type.Dictionary: {
      const dictionary = data.dictionary as Vector;
      const [first] = dictionary.data;
      const code = Number((data.values as Int32Array)[row]);
      return dictionary.data.length === 1 && first !== undefined ? arrowValue(first, code, type) : dictionary.get(code);
    }
    case Type.List:
    case Type.FixedSizeList: {
      const [start, end] = bounds(data, row);
      const inner = type.kind === 'list' ? type.child : json;
      return Array.from({ length: end - start }, (_, index) => arrowValue(children[0] as Data, start + index, inner));
    }
    case Type.Struct: {
      const entries = children.map((child, index): [string, unknown] => {
        const name = String(data.type.children[index]?.name);
        const inner = type.kind === 'struct' ? type.fields.find((field) => field.name === name)?.type : undefined;
        return [name, arrowValue(child, row, inner ?? json)];
      });
      return type.kind === 'struct' ? Object.assign(Object.create(null), Object.fromEntries(entries)) : new Map(entries);
    }
    case Type.Map: {
      const [start, end] = bounds(data, row);
      const [keys, items] = (children[0] as Data).children as readonly Data[];
      const [keyType, valueType] = type.kind === 'map' ? [type.key, type.value] : [json, json];
      return new Map(
        Array.from({ length: end - start }, (_, index) => [
          arrowValue(keys as Data, start + index, keyType),
          arrowValue(items as Data, start + index, valueType),
        ]),
      );
    }
    default:
      throw new ValueFault(`Arrow's ${data.type} is not read`);
  }
}

/** Half floats come as 16 bits. */
function floatValue({ values }: Data, row: number): number {
  if (!(values instanceof Uint16Array)) return (values as Float64Array)[row] as number;
  const bits = values[row] as number;
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  const sign = bits & 0x8000 ? -1 : 1;
  if (exponent === 31) return fraction === 0 ? sign * Infinity : Number.NaN;
  return exponent === 0 ? sign * fraction * 2 ** -24 : sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

function microseconds(value: number | bigint, unit: TimeUnit): bigint {
  const each = perSecond[unit];
  return each === 1_000_000_000 ? BigInt(value) / 1000n : BigInt(value) * BigInt(1_000_000 / each);
}

function bounds(data: Data, row: number): [number, number] {
  if (data.typeId === Type.FixedSizeList) {
    const { listSize } = data.type as unknown as { listSize: number };
    return [row * listSize, (row + 1) * listSize];
  }
  const offsets = data.valueOffsets as unknown as Int32Array | BigInt64Array;
  const [start, end] = [Number(offsets[row]), Number(offsets[row + 1])];
  if (!(start >= 0 && end >= start)) throw new ValueFault('offsets that go back');
  return [start, end];
}

function slice(data: Data, row: number): Uint8Array {
  const [start, end] = bounds(data, row);
  const bytes = data.values as Uint8Array;
  if (end > bytes.length) throw new ValueFault('offsets past the end');
  return bytes.slice(start, end);
}

function textValue(data: Data, row: number): unknown {
  return bytesValue(slice(data, row), { kind: 'varchar' });
}

function decimalWords(words: Uint32Array, row: number, bits: number): bigint {
  const count = bits / 32;
  let value = 0n;
  for (let word = count - 1; word >= 0; word--) value = (value << 32n) | BigInt(words[row * count + word] as number);
  return BigInt.asIntN(bits, value);
}
