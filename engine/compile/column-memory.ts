import type { ColumnSpec, DataType } from '../../connectors/data-type.ts';
import type { ColumnAccess, Value } from './expression/contract.ts';
import { type Machine, machineOf, partSize, partTypes, valueSize } from './machine-type.ts';
import type { ModuleBuilder } from './module-builder.ts';

const batchRows = 8192;
const slackBytes = 64;

/**
 * The columns of an input batch, flattened to buffers: fixed: data, validity; list and map: offsets, validity, children; struct:
 * validity, children. The host writes their addresses to `inputs` (8 bytes each: address, capacity); functions load what they use.
 */
export class InputColumns {
  readonly accesses: readonly ColumnAccess[];
  /** Address of the rows' weights, in a buffer after the columns'. */
  readonly weight: string | null;
  #buffers: number;

  /** `first`: number of buffers of the inputs before. */
  constructor(columns: readonly ColumnSpec[], weighted: boolean, first: number) {
    this.#buffers = first;
    this.accesses = columns.map((column) => this.#access(column.type, column.nullable));
    this.weight = weighted ? this.#buffer() : null;
  }

  /** Number of the buffer after the last. */
  get end(): number {
    return this.#buffers;
  }

  #access(type: DataType, nullable: boolean): ColumnAccess {
    if (type.kind === 'list' || type.kind === 'map') {
      const offsets = this.#buffer();
      const validity = this.#buffer();
      const children = type.kind === 'list' ? [type.child] : [type.key, type.value];
      return {
        kind: 'list',
        type,
        offsets,
        validity: nullable ? validity : null,
        children: children.map((child) => this.#access(child, true)),
      };
    }
    if (type.kind === 'struct') {
      const validity = this.#buffer();
      return {
        kind: 'struct',
        type,
        validity: nullable ? validity : null,
        children: type.fields.map((field) => this.#access(field.type, true)),
      };
    }
    const data = this.#buffer();
    const validity = this.#buffer();
    return { kind: 'fixed', type, machine: machineOf(type), data, validity: nullable ? validity : null };
  }

  #buffer(): string {
    return `input${this.#buffers++}`;
  }
}

/** Declarations of the input addresses that a function's text uses. */
export function inputAddresses(text: string): string[] {
  const used = new Set([...text.matchAll(/\binput(\d+)\b/g)].map((match) => Number(match[1])));
  return [...used].sort((a, b) => a - b).map((k) => `const input${k} = <usize>load<u32>(inputs, ${k * 8});`);
}

/** Columns that the module itself writes, one batch of rows, at fixed addresses. */
export class WrittenColumns {
  readonly accesses: Extract<ColumnAccess, { kind: 'fixed' }>[] = [];
  readonly #module: ModuleBuilder;
  readonly #name: string;

  constructor(module: ModuleBuilder, name: string) {
    this.#module = module;
    this.#name = name;
  }

  /** Statements that write `value` at row `o` (u32) as the next column. */
  add(value: Value): string[] {
    this.declare(value.type, value.machine, value.valid !== 'true');
    return this.write(this.accesses.length - 1, value);
  }

  /** The next column, to be written by several functions. */
  declare(type: DataType, machine: Machine, nullable: boolean): void {
    const k = this.accesses.length;
    const data = `${this.#name}${k}`;
    this.#module.reserve(data, batchRows * valueSize(machine) + slackBytes);
    const validity = nullable ? `${this.#name}Valid${k}` : null;
    if (validity !== null) this.#module.reserve(validity, batchRows / 8 + slackBytes);
    this.accesses.push({ kind: 'fixed', type, machine, data, validity });
  }

  /** Statements that write `value` at row `o` (u32) as column `k`. */
  write(k: number, value: Value): string[] {
    const { data, validity } = this.accesses[k] as Extract<ColumnAccess, { kind: 'fixed' }>;
    const shift = Math.log2(valueSize(value.machine));
    const address = shift === 0 ? `${data} + <usize>o` : `${data} + (<usize>o << ${shift})`;
    let offset = 0;
    const lines = partTypes(value.machine).map((part, j) => {
      const at = offset === 0 ? '' : `, ${offset}`;
      offset += partSize(part);
      return part === 'bool' ? `store<u8>(${address}, <u8>${value.parts[j]});` : `store<${part}>(${address}, ${value.parts[j]}${at});`;
    });
    if (validity !== null) lines.push(`${this.#module.import('bitmap', 'setBit')}(${validity}, o, ${value.valid});`);
    return lines;
  }

  /** Reserves the rows' weights; the address of an i32 by row. */
  weight(): string {
    const data = `${this.#name}Weight`;
    this.#module.reserve(data, batchRows * 4 + slackBytes);
    return data;
  }

  /** Statements before the first row is written. */
  clear(): string[] {
    return this.accesses.flatMap((access) => (access.validity === null ? [] : [`memory.fill(${access.validity}, 0, ${batchRows / 8});`]));
  }
}
