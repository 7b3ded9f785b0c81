import type { DataType } from './data-type.ts';

const names: Readonly<Partial<Record<DataType['kind'], string>>> = {
  timestamptz: 'TIMESTAMP WITH TIME ZONE',
  null: 'NULL',
};

/** The type as DuckDB writes it: `INTEGER`, `DECIMAL(10,2)`, `MAP(VARCHAR, DOUBLE)`. */
export function typeName(type: DataType): string {
  switch (type.kind) {
    case 'decimal':
      return `DECIMAL(${type.width},${type.scale})`;
    case 'enum':
      return `ENUM(${type.values.map((value) => `'${value.replaceAll("'", "''")}'`).join(', ')})`;
    case 'list':
      return `${typeName(type.child)}[]`;
    case 'map':
      return `MAP(${typeName(type.key)}, ${typeName(type.value)})`;
    case 'struct':
      return `STRUCT(${type.fields.map((field) => `"${field.name.replaceAll('"', '""')}" ${typeName(field.type)}`).join(', ')})`;
    default:
      return names[type.kind] ?? type.kind.toUpperCase();
  }
}

/** `an INTEGER`, `a BIGINT`. */
export function withArticle(type: DataType): string {
  const name = typeName(type);
  return `${'AEIO'.includes(name[0] as string) ? 'an' : 'a'} ${name}`;
}
