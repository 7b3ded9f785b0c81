/** An Avro schema as reading needs it: names resolved, logical types checked. Records may hold themselves. */
export type AvroSchema =
  | { readonly type: 'null' | 'boolean' | 'float' | 'double' }
  | { readonly type: 'int' | 'long' | 'string' | 'bytes'; readonly logical: Logical | null }
  | { readonly type: 'fixed'; readonly size: number; readonly logical: Logical | null }
  | { readonly type: 'enum'; readonly symbols: readonly string[] }
  | { readonly type: 'array'; readonly items: AvroSchema }
  | { readonly type: 'map'; readonly values: AvroSchema }
  | { readonly type: 'union'; readonly branches: readonly AvroSchema[] }
  | AvroRecord;

export interface AvroRecord {
  readonly type: 'record';
  readonly name: string;
  readonly fields: AvroField[];
}

export interface AvroField {
  readonly name: string;
  readonly aliases: readonly string[];
  readonly schema: AvroSchema;
  /** As JSON; undefined: none. */
  readonly initial: unknown;
}

export type Logical =
  | { readonly kind: 'decimal'; readonly scale: number }
  | { readonly kind: 'timestamp'; readonly perSecond: 1_000 | 1_000_000 | 1_000_000_000 }
  | { readonly kind: 'time'; readonly perSecond: 1_000 | 1_000_000 }
  | { readonly kind: 'date' | 'duration' };

type Json = Readonly<Record<string, unknown>>;
const fixedBytesMax = 1 << 24;

/** Throws an Error that says what is wrong with the schema. `known`: schemas that it refers to, in order. */
export function parseAvroSchema(text: string, known: readonly string[] = []): AvroSchema {
  const names = new Map<string, AvroSchema>();
  for (const reference of known) new Parser(names).parse(JSON.parse(reference), '');
  return new Parser(names).parse(JSON.parse(text), '');
}

class Parser {
  readonly #names: Map<string, AvroSchema>;

  constructor(names: Map<string, AvroSchema>) {
    this.#names = names;
  }

  parse(json: unknown, namespace: string): AvroSchema {
    if (typeof json === 'string') return this.#named(json, namespace);
    if (Array.isArray(json)) return { type: 'union', branches: json.map((branch) => this.parse(branch, namespace)) };
    if (typeof json !== 'object' || json === null) throw new Error(`${JSON.stringify(json)} is no Avro schema`);
    const { type } = json as Json;
    if (typeof type !== 'string') return this.parse(type, namespace);
    switch (type) {
      case 'record':
      case 'error':
        return this.#record(json as Json, namespace);
      case 'enum':
        return this.#add(json as Json, namespace, { type: 'enum', symbols: ((json as Json).symbols as string[]).map(String) });
      case 'fixed':
        return this.#fixed(json as Json, namespace);
      case 'array':
        return { type: 'array', items: this.parse((json as Json).items, namespace) };
      case 'map':
        return { type: 'map', values: this.parse((json as Json).values, namespace) };
      default:
        return this.#named(type, namespace, json as Json);
    }
  }

  #named(name: string, namespace: string, json: Json = {}): AvroSchema {
    switch (name) {
      case 'null':
      case 'boolean':
      case 'float':
      case 'double':
        return { type: name };
      case 'int':
      case 'long':
      case 'string':
      case 'bytes':
        return { type: name, logical: logicalOf(json, name) };
      default: {
        const schema = this.#names.get(name) ?? this.#names.get(namespace === '' ? name : `${namespace}.${name}`);
        if (schema === undefined) throw new Error(`the schema refers to ${name}, which is not there`);
        return schema;
      }
    }
  }

  #record(json: Json, namespace: string): AvroSchema {
    const record: AvroRecord = { type: 'record', name: String(json.name), fields: [] };
    this.#add(json, namespace, record);
    const inner = spaceOf(json, namespace);
    for (const field of (json.fields ?? []) as Json[]) {
      const schema = this.parse(field.type, inner);
      record.fields.push({ name: String(field.name), aliases: (field.aliases ?? []) as string[], schema, initial: field.default });
    }
    return record;
  }

  #fixed(json: Json, namespace: string): AvroSchema {
    const size = Number(json.size);
    if (!Number.isInteger(size) || size < 0 || size > fixedBytesMax) throw new Error(`a fixed type of ${String(json.size)} bytes`);
    return this.#add(json, namespace, { type: 'fixed', size, logical: logicalOf(json, 'fixed') });
  }

  #add(json: Json, namespace: string, schema: AvroSchema): AvroSchema {
    const name = String(json.name);
    const space = spaceOf(json, namespace);
    this.#names.set(name.includes('.') || space === '' ? name : `${space}.${name}`, schema);
    return schema;
  }
}

/** Names inside stand in the namespace of the name around them. */
function spaceOf({ name, namespace }: Json, outer: string): string {
  const full = String(name);
  if (full.includes('.')) return full.slice(0, full.lastIndexOf('.'));
  return namespace === undefined || namespace === null ? outer : String(namespace);
}

const longLogicals: Readonly<Record<string, Logical>> = {
  'timestamp-millis': { kind: 'timestamp', perSecond: 1000 },
  'timestamp-micros': { kind: 'timestamp', perSecond: 1_000_000 },
  'timestamp-nanos': { kind: 'timestamp', perSecond: 1_000_000_000 },
  'local-timestamp-millis': { kind: 'timestamp', perSecond: 1000 },
  'local-timestamp-micros': { kind: 'timestamp', perSecond: 1_000_000 },
  'local-timestamp-nanos': { kind: 'timestamp', perSecond: 1_000_000_000 },
  'time-micros': { kind: 'time', perSecond: 1_000_000 },
};

/** A logical type that does not fit its type counts for nothing, as the specification has it. */
function logicalOf({ logicalType, scale = 0, size }: Json, type: 'int' | 'long' | 'string' | 'bytes' | 'fixed'): Logical | null {
  if (typeof logicalType !== 'string') return null;
  if (logicalType === 'decimal' && (type === 'bytes' || type === 'fixed')) return { kind: 'decimal', scale: Number(scale) };
  if (logicalType === 'duration' && type === 'fixed' && size === 12) return { kind: 'duration' };
  if (logicalType === 'date' && type === 'int') return { kind: 'date' };
  if (logicalType === 'time-millis' && type === 'int') return { kind: 'time', perSecond: 1000 };
  return type === 'long' ? (longLogicals[logicalType] ?? null) : null;
}
