import type { ColumnBuilder } from '../column-builder.ts';
import type { ColumnSpec } from '../data-type.ts';
import { FieldCounts } from './field-counts.ts';
import { appendPlain, jsonText } from './plain-value.ts';
import { registeredHeaderBytes, registeredSchema } from './registered-message.ts';
import type { RowColumns } from './row-columns.ts';
import type { RowMaker } from './row-values.ts';
import { missingValue, type RowFault, wrongType } from './row-fault.ts';
import type { RegisteredSchema, SchemaRegistry } from './schema-registry.ts';
import { ValueFault } from './value-fault.ts';

const shownCharactersMax = 100;

/** How messages of one schema are read. Throws ValueFault for a malformed one. */
export interface MessageReader {
  /** Values by column, as `appendPlain` takes them; undefined: the message has none. */
  read(bytes: Uint8Array, start: number, end: number): readonly unknown[];
  /** Fields of the message read last that no column has. */
  readonly unknown: readonly string[];
}

/** Rows of messages whose schema a registry has, by the number they begin with, or that are all of one schema. */
export class RegisteredRow implements RowMaker {
  readonly #columns: RowColumns;
  readonly #registry: SchemaRegistry | null;
  readonly #single: MessageReader | null;
  readonly #open: (schema: RegisteredSchema) => MessageReader;
  readonly #readers = new Map<number, MessageReader | string>();
  readonly #counts = new FieldCounts();

  /** `open` throws an Error that says what is wrong with the schema. Either a registry or a reader is given. */
  constructor(
    columns: RowColumns,
    registry: SchemaRegistry | null,
    single: MessageReader | null,
    open: (schema: RegisteredSchema) => MessageReader,
  ) {
    this.#columns = columns;
    this.#registry = registry;
    this.#single = single;
    this.#open = open;
  }

  prepare(bytes: Uint8Array, start: number, end: number): Promise<void> | null {
    if (this.#registry === null) return null;
    try {
      return this.#registry.load(registeredSchema(bytes, start, end));
    } catch (error) {
      if (error instanceof ValueFault) return null;
      throw error;
    }
  }

  append(bytes: Uint8Array, start: number, end: number): RowFault | null {
    let values: readonly unknown[];
    let reader: MessageReader;
    try {
      const own = this.#registry === null ? null : this.#reader(registeredSchema(bytes, start, end));
      reader = own ?? (this.#single as MessageReader);
      values = reader.read(bytes, own === null ? start : start + registeredHeaderBytes, end);
    } catch (error) {
      if (error instanceof ValueFault) return { reason: error.message, field: error.field };
      throw error;
    }
    const fault = this.#appendValues(values);
    if (fault === null) this.#counts.add(reader.unknown);
    return fault;
  }

  appendNothing(): RowFault | null {
    return this.#columns.appendNulls();
  }

  unknownFields(): ReadonlyMap<string | null, number> {
    return this.#counts.all();
  }

  #reader(id: number): MessageReader {
    let reader = this.#readers.get(id);
    if (reader === undefined) {
      const schema = this.#registry?.get(id);
      if (schema === undefined) throw new ValueFault(`the registry has no schema ${id}`);
      try {
        reader = this.#open(schema);
      } catch (error) {
        reader = `schema ${id} cannot be used: ${error instanceof Error ? error.message : String(error)}`;
      }
      this.#readers.set(id, reader);
    }
    if (typeof reader === 'string') throw new ValueFault(reader);
    return reader;
  }

  #appendValues(values: readonly unknown[]): RowFault | null {
    const { specs, builders } = this.#columns;
    for (const [index, spec] of specs.entries()) {
      const value = values[index] ?? null;
      if (value === null && !spec.nullable) return this.#refuse(missingValue(spec));
      if (!appended(builders[index] as ColumnBuilder, value)) return this.#refuse(wrongType(spec, shown(value)));
    }
    this.#columns.endRow();
    return null;
  }

  #refuse(fault: RowFault): RowFault {
    this.#columns.undo();
    return fault;
  }
}

/** Builders know JSON's values; what they cannot take at all is no value of theirs. */
function appended(builder: ColumnBuilder, value: unknown): boolean {
  try {
    return appendPlain(builder, value);
  } catch (error) {
    if (error instanceof TypeError) return false;
    throw error;
  }
}

function shown(value: unknown): string {
  const text = typeof value === 'string' ? value : jsonText(value);
  return text.length > shownCharactersMax ? `${text.slice(0, shownCharactersMax)}...` : text;
}

/** The type that the schema's value is read for, by column. */
export function columnTypes(columns: RowColumns): ReadonlyMap<string, { index: number; spec: ColumnSpec }> {
  return new Map(columns.specs.map((spec, index) => [spec.name, { index, spec }]));
}
