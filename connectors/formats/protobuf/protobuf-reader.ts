import { columnTypes, type MessageReader } from '../registered-row.ts';
import type { RowColumns } from '../row-columns.ts';
import { ValueFault } from '../value-fault.ts';
import { readMessage } from './read-message.ts';
import type { ProtoFile, ProtoMessage } from './schema.ts';
import { Wire } from './wire.ts';

const pathMax = 32;

/** Reads messages of one file; with `indexed` each begins with which of the file's messages it is, as Confluent writes it. */
export class ProtobufReader implements MessageReader {
  unknown: readonly string[] = [];
  readonly #file: ProtoFile;
  readonly #single: ProtoMessage | null;
  readonly #columns: ReturnType<typeof columnTypes>;
  readonly #count: number;
  readonly #messages = new Map<string, ProtoMessage>();

  constructor(file: ProtoFile, columns: RowColumns, message: ProtoMessage | null) {
    this.#file = file;
    this.#single = message;
    this.#columns = columnTypes(columns);
    this.#count = columns.specs.length;
  }

  read(bytes: Uint8Array, start: number, end: number): readonly unknown[] {
    const wire = new Wire(bytes, start, end);
    const message = this.#single ?? this.#indexed(wire);
    const unknown = new Set<string>();
    const fields = readMessage(wire, message, (name) => this.#columns.get(name)?.spec.type, unknown);
    const values: unknown[] = new Array(this.#count).fill(undefined);
    for (const [name, value] of fields) {
      const column = this.#columns.get(name);
      if (column !== undefined) values[column.index] = value;
    }
    this.unknown = [...unknown];
    return values;
  }

  /** A count and so many indexes, zigzag; a count of 0 stands for the first message. */
  #indexed(wire: Wire): ProtoMessage {
    const next = () => {
      const value = wire.varint();
      return Number((value >> 1n) ^ -(value & 1n));
    };
    const count = next();
    if (count < 0 || count > pathMax) throw new ValueFault(`it names its message by ${count} indexes`);
    const path = count === 0 ? [0] : Array.from({ length: count }, next);
    const key = path.join('.');
    let message = this.#messages.get(key);
    if (message !== undefined) return message;
    try {
      message = this.#file.message(path);
    } catch (error) {
      throw new ValueFault(error instanceof Error ? error.message : String(error));
    }
    this.#messages.set(key, message);
    return message;
  }
}
