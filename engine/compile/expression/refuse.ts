import type { DataType } from '../../../connectors/data-type.ts';
import { QueryError, type Span } from '../../diagnostic.ts';

/** E0501: what DuckDB could compute but a continuous query cannot yet. */
export function refuse(what: string, span: Span | undefined, hint?: string): QueryError {
  const message = `${what} cannot run in a continuous query yet`;
  return new QueryError('E0501', message, { span, ...(hint === undefined ? {} : { hint }) });
}

export function typeName(type: DataType): string {
  if (type.kind === 'decimal') return `DECIMAL(${type.width},${type.scale})`;
  if (type.kind === 'list') return `${typeName(type.child)}[]`;
  if (type.kind === 'map') return `MAP(${typeName(type.key)}, ${typeName(type.value)})`;
  if (type.kind === 'struct') return `STRUCT(${type.fields.map((field) => `${field.name} ${typeName(field.type)}`).join(', ')})`;
  return type.kind.toUpperCase();
}
