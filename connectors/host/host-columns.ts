import type { ColumnSpec, DataType } from '../data-type.ts';

export type HostStream = 'metrics' | 'processes';

const varchar: DataType = { kind: 'varchar' };
const timestamp: DataType = { kind: 'timestamp' };
const double: DataType = { kind: 'double' };

/** What each stream can give; a source declares any of them. */
export const hostColumns: Readonly<Record<HostStream, readonly ColumnSpec[]>> = {
  metrics: [
    { name: 'ts', type: timestamp, nullable: false },
    { name: 'host', type: varchar, nullable: false },
    { name: 'name', type: varchar, nullable: false },
    { name: 'value', type: double, nullable: false },
    { name: 'unit', type: varchar, nullable: false },
    { name: 'device', type: varchar, nullable: true },
    { name: 'mountpoint', type: varchar, nullable: true },
    { name: 'state', type: varchar, nullable: true },
    { name: 'direction', type: varchar, nullable: true },
  ],
  processes: [
    { name: 'ts', type: timestamp, nullable: false },
    { name: 'host', type: varchar, nullable: false },
    { name: 'pid', type: { kind: 'bigint' }, nullable: false },
    { name: 'name', type: varchar, nullable: false },
    { name: 'command', type: varchar, nullable: false },
    { name: 'cpu_utilization', type: double, nullable: false },
    { name: 'memory_bytes', type: { kind: 'bigint' }, nullable: false },
    { name: 'owner', type: varchar, nullable: false },
  ],
};
