import type { ColumnSpec, DataType } from '../../connectors/data-type.ts';
import type { ColumnAccess, Value } from './expression/contract.ts';
import { machineOf, partSize, partTypes, valueSize } from './machine-type.ts';
import type { ModuleBuilder } from './module-builder.ts';

const batchRows = 8192;
const slackBytes = 64;

/**
 * The columns of an input batch, flattened to buffers: fixed: data, validity; list and map: offsets, validity, children; struct:
 * validity, children. The host writes their addresses to `inputs` (8 bytes each: address, capacity); functions load what they use.
 */
export class InputColumns {
  readonly accesses: readonly ColumnAccess[];
  #buffers = 0;

  constructor(columns: readonly ColumnSpec[]) {
    this.accesses = columns.map((column) => this.#access(column.type, column.nullable));
  }

  get buffers(): number {
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
    const k = this.accesses.length;
    const data = `${this.#name}${k}`;
    this.#module.reserve(data, batchRows * valueSize(value.machine) + slackBytes);
    const validity = value.valid === 'true' ? null : `${this.#name}Valid${k}`;
    if (validity !== null) this.#module.reserve(validity, batchRows / 8 + slackBytes);
    this.accesses.push({ kind: 'fixed', type: value.type, machine: value.machine, data, validity });
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

  /** Statements before the first row is written. */
  clear(): string[] {
    return this.accesses.flatMap((access) => (access.validity === null ? [] : [`memory.fill(${access.validity}, 0, ${batchRows / 8});`]));
  }
}
