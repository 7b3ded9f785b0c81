import type { DataType } from '../../../connectors/data-type.ts';

const plain: Readonly<Record<string, string>> = {
  boolean: 'bool',
  tinyint: 's8',
  smallint: 's16',
  integer: 's32',
  bigint: 's64',
  utinyint: 'u8',
  usmallint: 'u16',
  uinteger: 'u32',
  ubigint: 'u64',
  float: 'f32',
  double: 'f64',
  timestamp: 's64',
  varchar: 'string',
  blob: 'list<u8>',
};

/** What the component model calls a type that functions may take and give; null for one that they may not. TIMESTAMP: microseconds. */
export function componentType(type: DataType): string | null {
  if (type.kind !== 'list') return plain[type.kind] ?? null;
  const child = plain[type.child.kind];
  return child === undefined || type.child.kind === 'blob' ? null : `list<${child}>`;
}

/** As people write it, for messages. */
export const functionTypes = 'BOOLEAN, integers of up to 64 bits, FLOAT, DOUBLE, TIMESTAMP, VARCHAR, BLOB and lists of these';
