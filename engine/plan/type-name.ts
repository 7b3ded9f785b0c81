import type { DataType } from '../../connectors/data-type.ts';

const names: Readonly<Record<string, string>> = { timestamptz: 'TIMESTAMP WITH TIME ZONE', null: '"NULL"' };

/** A type as DuckDB reads it: `DECIMAL(10,2)`, `MAP(VARCHAR, DOUBLE)`. */
export function typeName(type: DataType): string {
  switch (type.kind) {
    case 'decimal':
      return `DECIMAL(${type.width},${type.scale})`;
    case 'enum':
      return `ENUM(${type.values.map(quoteText).join(', ')})`;
    case 'list':
      return `${typeName(type.child)}[]`;
    case 'map':
      return `MAP(${typeName(type.key)}, ${typeName(type.value)})`;
    case 'struct':
      return `STRUCT(${type.fields.map((field) => `${quoteName(field.name)} ${typeName(field.type)}`).join(', ')})`;
    default:
      return names[type.kind] ?? type.kind.toUpperCase();
  }
}

export function sameType(a: DataType, b: DataType): boolean {
  return a === b || typeName(a) === typeName(b);
}

export function quoteName(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

export function quoteText(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
