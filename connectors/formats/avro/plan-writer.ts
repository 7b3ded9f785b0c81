import type { Column, FixedColumn, ListColumn, StringColumn, StructColumn } from '../../batch.ts';
import { fixedCell, isNull, wideValue } from '../../cells/scalar-cell.ts';
import type { ColumnSpec, DataType } from '../../data-type.ts';
import { typeName } from '../../type-name.ts';
import type { AvroOutput } from './avro-output.ts';
import { AvroMismatch } from './derive-schema.ts';
import type { AvroRecord, AvroSchema } from './schema.ts';

export type WriteCell = (out: AvroOutput, row: number) => void;
/** Bound to a batch's column, it writes its cells. */
export type PlannedCell = (column: Column) => WriteCell;

const whole: ReadonlySet<DataType['kind']> = new Set(['tinyint', 'smallint', 'integer', 'utinyint', 'usmallint']);
const texts: ReadonlySet<DataType['kind']> = new Set(['varchar', 'json', 'enum']);
const wides: ReadonlySet<DataType['kind']> = new Set(['ubigint', 'hugeint', 'uhugeint']);
const perSecond: Partial<Record<DataType['kind'], number>> = {
  timestamp: 1_000_000,
  timestamptz: 1_000_000,
  timestamp_ms: 1_000,
  timestamp_ns: 1_000_000_000,
};

/** How columns become a record of the schema. Throws AvroMismatch where they do not fit; nothing is converted that could lose anything. */
export function planAvroRecord(schema: AvroSchema, columns: readonly ColumnSpec[], path = ''): readonly PlannedField[] {
  if (schema.type !== 'record') throw new AvroMismatch(`${path === '' ? 'the schema' : `"${path}"`} is ${schema.type}, not a record`);
  const extra = columns.find(({ name }) => !schema.fields.some((field) => field.name === name));
  if (extra !== undefined)
    throw new AvroMismatch(
      `column "${at(path, extra.name)}" is not a field of record ${schema.name}`,
      `its fields: ${fieldNames(schema)}; leave the column out, or rename it with AS`,
    );
  return schema.fields.map((field) => {
    const index = columns.findIndex(({ name }) => name === field.name);
    const place = at(path, field.name);
    const column = columns[index];
    if (column !== undefined) return { index, write: planCell(field.schema, column.type, column.nullable, place) };
    const { schema: own } = field;
    const none = own.type === 'union' ? own.branches.findIndex(({ type }) => type === 'null') : -1;
    if (none < 0) throw new AvroMismatch(`field "${place}" of the schema has no column`, 'select it, or make it a union with null');
    return { index: -1, write: () => (out) => out.long(none) };
  });
}

export interface PlannedField {
  /** Among the columns; -1: NULL is written. */
  readonly index: number;
  readonly write: PlannedCell;
}

function at(path: string, name: string): string {
  return path === '' ? name : `${path}.${name}`;
}

function fieldNames({ fields }: AvroRecord): string {
  return fields.map(({ name }) => name).join(', ');
}

function planCell(schema: AvroSchema, type: DataType, nullable: boolean, path: string): PlannedCell {
  if (schema.type !== 'union') {
    const write = planValue(schema, type, path);
    if (!nullable) return write;
    throw new AvroMismatch(
      `"${path}" may be NULL, and the schema takes no null there`,
      'declare the column NOT NULL, or make the field a union with null',
    );
  }
  const none = schema.branches.findIndex((branch) => branch.type === 'null');
  if (none < 0 && nullable)
    throw new AvroMismatch(`"${path}" may be NULL, and the schema takes no null there`, 'add null to its union, or declare NOT NULL');
  const faults: string[] = [];
  for (const [number, branch] of schema.branches.entries()) {
    if (branch.type === 'null') continue;
    try {
      const planned = planValue(branch, type, path);
      return (column) => {
        const write = planned(column);
        return (out, row) => {
          const isNone = isNull(column.validity, row);
          out.long(isNone ? none : number);
          if (!isNone) write(out, row);
        };
      };
    } catch (error) {
      if (!(error instanceof AvroMismatch)) throw error;
      faults.push(error.message);
    }
  }
  throw new AvroMismatch(faults.join('; ') || `"${path}": the schema has null only`);
}

function planValue(schema: AvroSchema, type: DataType, path: string): PlannedCell {
  const planned =
    schema.type === 'array' || schema.type === 'map' || schema.type === 'record'
      ? planNested(schema, type, path)
      : planScalar(schema, type);
  if (planned !== null) return planned;
  const logical = 'logical' in schema && schema.logical !== null ? ` (${schema.logical.kind})` : '';
  throw new AvroMismatch(
    `"${path}" is ${typeName(type)}, and the schema has ${schema.type}${logical} there`,
    'cast the column, or change the schema',
  );
}

/** null: the value does not fit. */
function planScalar(schema: AvroSchema, type: DataType): PlannedCell | null {
  const { kind } = type;
  const logical = 'logical' in schema ? schema.logical : null;
  switch (schema.type) {
    case 'boolean':
      return kind === 'boolean' ? fixed((column, out, row) => out.byte(column.data[row] as number)) : null;
    case 'float':
      return kind === 'float' ? fixed((column, out, row) => out.float(column.data[row] as number)) : null;
    case 'double':
      return kind === 'float' || kind === 'double' ? fixed((column, out, row) => out.double(column.data[row] as number)) : null;
    case 'int':
      if (logical === null ? whole.has(kind) : logical.kind === 'date' && kind === 'date') return integers;
      return null;
    case 'long':
      if (logical === null) return whole.has(kind) || kind === 'uinteger' || kind === 'bigint' ? integers : null;
      if (logical.kind === 'time') return kind === 'time' && logical.perSecond === 1_000_000 ? integers : null;
      return logical.kind === 'timestamp' && perSecond[kind] === logical.perSecond ? integers : null;
    case 'bytes':
      if (logical?.kind === 'decimal') return planDecimal(type, logical.scale);
      return kind === 'blob' ? strings((bytes, out) => out.sized(bytes)) : null;
    case 'string':
      if (kind === 'uuid') return fixed((column, out, row) => out.text(fixedCell(column, row)));
      return texts.has(kind) ? strings((bytes, out) => out.sized(bytes)) : null;
    default:
      return null;
  }
}

function planDecimal(type: DataType, scale: number): PlannedCell | null {
  if (type.kind === 'decimal') {
    if (type.scale !== scale) return null;
    if (type.width > 18) return fixed((column, out, row) => out.unscaled(wideValue(column, row, true)));
    return fixed((column, out, row) => out.unscaled(BigInt(column.data[row] as number | bigint)));
  }
  if (!wides.has(type.kind) || scale !== 0) return null;
  if (type.kind === 'ubigint') return fixed((column, out, row) => out.unscaled(BigInt.asUintN(64, column.data[row] as bigint)));
  const signed = type.kind === 'hugeint';
  return fixed((column, out, row) => out.unscaled(wideValue(column, row, signed)));
}

const integers = fixed((column, out, row) => out.long(column.data[row] as number | bigint));

function fixed(write: (column: FixedColumn, out: AvroOutput, row: number) => void): PlannedCell {
  return (column) => (out, row) => write(column as FixedColumn, out, row);
}

function strings(write: (bytes: Uint8Array, out: AvroOutput) => void): PlannedCell {
  return (column) => {
    const { codes, dictionary } = column as StringColumn;
    return (out, row) => {
      const code = codes[row] as number;
      write(dictionary.bytes.subarray(dictionary.offsets[code], dictionary.offsets[code + 1]), out);
    };
  };
}

function planNested(schema: AvroSchema, type: DataType, path: string): PlannedCell | null {
  if (schema.type === 'array' && type.kind === 'list') {
    const item = planCell(schema.items, type.child, true, `${path}[]`);
    return (column) => blocks(column as ListColumn, item((column as ListColumn).children[0] as Column));
  }
  if (schema.type === 'map' && type.kind === 'map' && type.key.kind === 'varchar') {
    const key = strings((bytes, out) => out.sized(bytes));
    const value = planCell(schema.values, type.value, true, `${path}[]`);
    return (column) => {
      const [keys, values] = (column as ListColumn).children as [Column, Column];
      const [writeKey, writeValue] = [key(keys), value(values)];
      return blocks(column as ListColumn, (out, row) => {
        writeKey(out, row);
        writeValue(out, row);
      });
    };
  }
  if (schema.type !== 'record' || type.kind !== 'struct') return null;
  const fields = planAvroRecord(
    schema,
    type.fields.map((field) => ({ ...field, nullable: true })),
    path,
  );
  return (column) => bindFields(fields, (column as StructColumn).children);
}

/** Writes one field after the other. */
export function bindFields(fields: readonly PlannedField[], columns: readonly Column[]): WriteCell {
  const writers = fields.map(({ index, write }) => write(columns[index] as Column));
  return (out, row) => {
    for (const write of writers) write(out, row);
  };
}

/** One block of elements, and the end. */
function blocks({ offsets }: ListColumn, write: WriteCell): WriteCell {
  return (out, row) => {
    const [from, to] = [offsets[row] as number, offsets[row + 1] as number];
    if (to > from) out.long(to - from);
    for (let index = from; index < to; index++) write(out, index);
    out.long(0);
  };
}
