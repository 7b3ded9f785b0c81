import type { DataType } from '../../data-type.ts';
import { columnTypes, type MessageReader } from '../registered-row.ts';
import type { RowColumns } from '../row-columns.ts';
import { ValueFault } from '../value-fault.ts';
import { AvroBytes } from './avro-bytes.ts';
import { initialValue, readAvro } from './read-value.ts';
import type { AvroField, AvroSchema } from './schema.ts';

interface Step {
  readonly name: string;
  readonly schema: AvroSchema;
  /** -1: no column has it. */
  readonly index: number;
  readonly type: DataType;
}

const passedOver: DataType = { kind: 'null' };

/**
 * Reads messages of the writer's schema for the table's columns, by name. The reader's schema, where there is one, adds the names that a
 * field had before (aliases) and what it is when the writer had none (its default).
 */
export class AvroReader implements MessageReader {
  readonly unknown: readonly string[];
  readonly #bytes = new AvroBytes();
  readonly #steps: readonly Step[];
  readonly #initial: readonly unknown[];
  /** A schema that is no record gives the one column. */
  readonly #whole: AvroSchema | null;

  constructor(writer: AvroSchema, columns: RowColumns, readerSchema: AvroSchema | null) {
    const byName = columnTypes(columns);
    const reader = readerSchema?.type === 'record' ? readerSchema.fields : [];
    this.#whole = writer.type === 'record' ? null : writer;
    if (this.#whole !== null && columns.specs.length !== 1) throw new Error('it is no record, and the table has more than one column');
    const writers = writer.type === 'record' ? writer.fields : [];
    this.#steps = writers.map(({ name, schema }) => {
      const column = byName.get(name) ?? byName.get(renamed(name, reader, writers) ?? '');
      return { name, schema, index: column?.index ?? -1, type: column?.spec.type ?? passedOver };
    });
    this.unknown = this.#steps.filter(({ index }) => index < 0).map(({ name }) => name);
    this.#initial = columns.specs.map(({ name, type }, index) => {
      const field = reader.find((each) => each.name === name);
      if (field?.initial === undefined || this.#steps.some((step) => step.index === index)) return undefined;
      return initialValue(field.initial, field.schema, type);
    });
    if (this.#whole !== null) this.#steps = [{ name: '', schema: this.#whole, index: 0, type: columns.specs[0]?.type ?? passedOver }];
  }

  read(bytes: Uint8Array, start: number, end: number): readonly unknown[] {
    this.#bytes.reset(bytes, start, end);
    const values = [...this.#initial];
    for (const { schema, index, type } of this.#steps) {
      const value = readAvro(this.#bytes, schema, type);
      if (index >= 0) values[index] = value;
    }
    if (this.#bytes.left > 0) throw new ValueFault(`${this.#bytes.left} bytes follow the value`);
    return values;
  }
}

/** The reader's name for a field that the writer calls otherwise. */
function renamed(name: string, reader: readonly AvroField[], writers: readonly AvroField[]): string | undefined {
  const field = reader.find(({ aliases }) => aliases.includes(name));
  return field === undefined || writers.some((writer) => writer.name === field.name) ? undefined : field.name;
}
