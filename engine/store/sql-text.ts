import type { DataType } from '../../connectors/data-type.ts';

export function quoteName(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

export function quoteText(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

/** DuckDB's name of a type, as it stands in CREATE TABLE and CAST. A column that is always NULL is stored as INTEGER, as DuckDB does. */
export function sqlType(type: DataType): string {
  switch (type.kind) {
    case 'decimal':
      return `DECIMAL(${type.width},${type.scale})`;
    case 'enum':
      return `ENUM(${type.values.map(quoteText).join(',')})`;
    case 'list':
      return `${sqlType(type.child)}[]`;
    case 'map':
      return `MAP(${sqlType(type.key)},${sqlType(type.value)})`;
    case 'struct':
      return `STRUCT(${type.fields.map((field) => `${quoteName(field.name)} ${sqlType(field.type)}`).join(',')})`;
    case 'null':
      return 'INTEGER';
    case 'timestamptz':
      return 'TIMESTAMPTZ';
    default:
      return type.kind.toUpperCase();
  }
}
