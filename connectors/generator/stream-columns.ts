import type { ColumnSpec, DataType } from '../data-type.ts';
import { labelMap, timestamp, varchar } from './columns.ts';
import type { StreamName } from './stream.ts';

const double: DataType = { kind: 'double' };
const integer: DataType = { kind: 'integer' };

function column(name: string, type: DataType, nullable = false): ColumnSpec {
  return { name, type, nullable };
}

/** What each stream can give; a source declares any of them. */
export const streamColumns: Readonly<Record<StreamName, readonly ColumnSpec[]>> = {
  metrics: [
    column('ts', timestamp),
    column('host', varchar),
    column('service', varchar, true),
    column('name', varchar),
    column('value', double),
    column('labels', labelMap),
  ],
  spans: [
    column('ts', timestamp),
    column('trace_id', varchar),
    column('span_id', varchar),
    column('parent_span_id', varchar, true),
    column('service', varchar),
    column('route', varchar),
    column('kind', varchar),
    column('status', integer),
    column('duration_ms', double),
    column('host', varchar),
    column('version', varchar),
  ],
  logs: [
    column('ts', timestamp),
    column('host', varchar),
    column('service', varchar),
    column('level', varchar),
    column('message', varchar),
    column('status', integer),
    column('trace_id', varchar),
  ],
  deploys: [column('ts', timestamp), column('service', varchar), column('version', varchar), column('previous_version', varchar)],
  labels: [
    column('ts', timestamp),
    column('until', timestamp),
    column('fault', varchar),
    column('target', varchar),
    column('severity', varchar),
    column('description', varchar),
  ],
};
