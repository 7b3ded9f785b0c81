import type { DataType, ScalarKind } from '../../../connectors/data-type.ts';
import { QueryError } from '../../diagnostic.ts';
import type { DuckType } from './duckdb-plan.ts';

const scalarKinds: Readonly<Record<string, ScalarKind>> = {
  BOOLEAN: 'boolean',
  TINYINT: 'tinyint',
  SMALLINT: 'smallint',
  INTEGER: 'integer',
  BIGINT: 'bigint',
  HUGEINT: 'hugeint',
  UTINYINT: 'utinyint',
  USMALLINT: 'usmallint',
  UINTEGER: 'uinteger',
  UBIGINT: 'ubigint',
  UHUGEINT: 'uhugeint',
  FLOAT: 'float',
  DOUBLE: 'double',
  VARCHAR: 'varchar',
  CHAR: 'varchar',
  BLOB: 'blob',
  DATE: 'date',
  TIME: 'time',
  TIMESTAMP: 'timestamp',
  TIMESTAMP_S: 'timestamp_s',
  TIMESTAMP_MS: 'timestamp_ms',
  TIMESTAMP_NS: 'timestamp_ns',
  'TIMESTAMP WITH TIME ZONE': 'timestamptz',
  INTERVAL: 'interval',
  UUID: 'uuid',
  NULL: 'null',
};

/** Throws QueryError E0220 for a type that the engine does not have. */
export function adaptType(type: DuckType): DataType {
  const info = type.type_info;
  switch (type.id) {
    case 'DECIMAL':
      return { kind: 'decimal', width: info?.width ?? 18, scale: info?.scale ?? 3 };
    case 'ENUM':
      return { kind: 'enum', values: info?.values ?? [] };
    case 'LIST':
      return { kind: 'list', child: adaptType(required(info?.child_type)) };
    case 'MAP': {
      const entry = required(info?.child_type).type_info?.child_types ?? [];
      return { kind: 'map', key: adaptType(required(entry[0]?.second)), value: adaptType(required(entry[1]?.second)) };
    }
    case 'STRUCT':
      return { kind: 'struct', fields: (info?.child_types ?? []).map((field) => ({ name: field.first, type: adaptType(field.second) })) };
    default: {
      if (type.id === 'VARCHAR' && info?.alias === 'JSON') return { kind: 'json' };
      const kind = scalarKinds[type.id];
      if (kind === undefined) throw new QueryError('E0220', `type ${type.id} cannot be used`);
      return { kind };
    }
  }
}

function required(type: DuckType | undefined): DuckType {
  if (type === undefined) throw new QueryError('E0220', 'a nested type is incomplete');
  return type;
}
