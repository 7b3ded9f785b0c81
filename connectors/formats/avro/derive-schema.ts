import type { ColumnSpec, DataType } from '../../data-type.ts';
import { typeName } from '../../type-name.ts';

type Json = string | { readonly [key: string]: unknown } | readonly Json[];

const plain: Partial<Record<DataType['kind'], Json>> = {
  boolean: 'boolean',
  tinyint: 'int',
  smallint: 'int',
  integer: 'int',
  utinyint: 'int',
  usmallint: 'int',
  uinteger: 'long',
  bigint: 'long',
  ubigint: { type: 'bytes', logicalType: 'decimal', precision: 20, scale: 0 },
  hugeint: { type: 'bytes', logicalType: 'decimal', precision: 39, scale: 0 },
  uhugeint: { type: 'bytes', logicalType: 'decimal', precision: 39, scale: 0 },
  float: 'float',
  double: 'double',
  varchar: 'string',
  json: 'string',
  enum: 'string',
  uuid: { type: 'string', logicalType: 'uuid' },
  blob: 'bytes',
  date: { type: 'int', logicalType: 'date' },
  time: { type: 'long', logicalType: 'time-micros' },
  timestamp: { type: 'long', logicalType: 'timestamp-micros' },
  timestamptz: { type: 'long', logicalType: 'timestamp-micros' },
  timestamp_ms: { type: 'long', logicalType: 'timestamp-millis' },
  timestamp_ns: { type: 'long', logicalType: 'timestamp-nanos' },
};

const name = /^[A-Za-z_][A-Za-z0-9_]*$/;

/** What stands against a column of Avro: its path and why, as a sentence. */
export class AvroMismatch extends Error {
  override readonly name = 'AvroMismatch';
  readonly hint: string | undefined;
  constructor(message: string, hint?: string) {
    super(message);
    this.hint = hint;
  }
}

/** The schema of a record that holds these columns. Throws AvroMismatch where Avro has nothing for a type. */
export function deriveAvroSchema(record: string, columns: readonly ColumnSpec[]): string {
  return JSON.stringify(new Deriver().record(recordName(record), columns, ''));
}

/** A topic's name as Avro takes it. */
export function recordName(topic: string): string {
  const cleaned = topic.replaceAll(/[^A-Za-z0-9_]/g, '_');
  return /^[0-9]/.test(cleaned) ? `_${cleaned}` : cleaned;
}

class Deriver {
  readonly #names = new Set<string>();

  record(wanted: string, columns: readonly ColumnSpec[], path: string): Json {
    let own = wanted;
    for (let number = 2; this.#names.has(own); number++) own = `${wanted}_${number}`;
    this.#names.add(own);
    const fields = columns.map((column) => {
      const place = path === '' ? column.name : `${path}.${column.name}`;
      if (!name.test(column.name))
        throw new AvroMismatch(`"${place}" is no name of an Avro field`, 'letters, digits and _ only: rename it with AS');
      const type = this.#type(column.type, `${own}_${column.name}`, place);
      return column.nullable ? { name: column.name, type: ['null', type], default: null } : { name: column.name, type };
    });
    return { type: 'record', name: own, fields };
  }

  #type(type: DataType, own: string, path: string): Json {
    switch (type.kind) {
      case 'decimal':
        return { type: 'bytes', logicalType: 'decimal', precision: type.width, scale: type.scale };
      case 'list':
        return { type: 'array', items: ['null', this.#type(type.child, own, `${path}[]`)] };
      case 'struct':
        return this.record(
          own,
          type.fields.map((field) => ({ ...field, nullable: true })),
          path,
        );
      case 'map':
        if (type.key.kind === 'varchar') return { type: 'map', values: ['null', this.#type(type.value, own, `${path}[]`)] };
        throw new AvroMismatch(`"${path}" is ${typeName(type)}, and keys of an Avro map are text`, 'cast its keys to VARCHAR');
      default: {
        const found = plain[type.kind];
        if (found !== undefined) return found;
        const hint = type.kind === 'timestamp_s' ? 'cast it to TIMESTAMP' : 'cast it to VARCHAR';
        throw new AvroMismatch(`"${path}" is ${typeName(type)}, for which Avro has no type`, hint);
      }
    }
  }
}
