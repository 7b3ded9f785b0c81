import type { ColumnSpec, DataType } from '../../connectors/data-type.ts';

/** A small generator of pseudo-random numbers: the same seed, the same rows. */
export function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const words = ['a', 'b', 'apple', 'Google', 'OR', 'CA', 'error', 'cpu_second', 'system.cpu.utilization', 'x/y/z/q/w', ''];

/** VALUES rows for a table, few distinct values, so that keys meet and groups have several rows. */
export function randomRows(columns: readonly ColumnSpec[], count: number, random: () => number): string {
  const rows = Array.from({ length: count }, () => `(${columns.map((column) => randomValue(column, random)).join(', ')})`);
  return `VALUES ${rows.join(', ')}`;
}

function randomValue(column: ColumnSpec, random: () => number): string {
  if (column.nullable && random() < 0.12) return 'NULL';
  return literal(column.type, random);
}

function literal(type: DataType, random: () => number): string {
  const below = (limit: number): number => Math.floor(random() * limit);
  switch (type.kind) {
    case 'timestamp':
      return `TIMESTAMP '2026-01-01 00:00:00' + to_milliseconds(${below(1_200_000)})`;
    case 'date':
      return `DATE '2026-01-01' + ${below(5)}`;
    case 'double':
    case 'float':
      return `${below(400) / 4}::DOUBLE`;
    case 'varchar':
      return `'${words[below(words.length)]}'`;
    case 'json':
      return `'{"a": ${below(5)}}'`;
    case 'boolean':
      return random() < 0.5 ? 'true' : 'false';
    case 'decimal':
      return `${below(1000) / 4}::DECIMAL(${type.width},${type.scale})`;
    case 'map':
      return `MAP {'${words[below(3)]}': '${words[below(5)]}', 'k': '${words[below(5)]}'}`;
    case 'list':
      return `[${Array.from({ length: below(4) }, () => literal(type.child, random)).join(', ')}]`;
    case 'struct':
      return `{${type.fields.map((field) => `'${field.name}': ${literal(field.type, random)}`).join(', ')}}`;
    default:
      return String(below(12));
  }
}
