import type { ColumnSpec, DataType } from '../../connectors/data-type.ts';

/** A kind of message: what it looks like, and the table that reads it. */
export interface MessageKind {
  readonly name: string;
  readonly columns: readonly ColumnSpec[];
  make(index: number): Record<string, unknown>;
}

const column = (name: string, kind: DataType['kind'], nullable = true): ColumnSpec => ({ name, type: { kind } as DataType, nullable });
const metrics = ['cpu', 'mem', 'disk.read', 'disk.write', 'net.rx', 'net.tx', 'load1', 'swap'];
const statuses = [200, 200, 200, 404, 500, 301];
const firstMs = 1_700_000_000_000;

let state = 12_345;
function random(): number {
  state = (Math.imul(state ^ (state >>> 15), 1 | state) + 0x6d2b79f5) | 0;
  return ((state ^ (state >>> 14)) >>> 0) / 2 ** 32;
}
const below = (limit: number) => Math.floor(random() * limit);
const hex = (digits: number) => Array.from({ length: digits }, () => below(16).toString(16)).join('');

/** Some 105 and 360 bytes; the longer one has fields that its table lacks, text to be unescaped and a nested value. */
export const messageKinds: readonly MessageKind[] = [
  {
    name: '105 B',
    columns: [
      column('ts', 'bigint', false),
      column('host', 'varchar', false),
      column('region', 'varchar'),
      column('metric', 'varchar', false),
      column('value', 'double'),
      column('status', 'integer'),
    ],
    make: (index) => ({
      ts: firstMs + index,
      host: `web-${String(below(1000)).padStart(4, '0')}`,
      region: 'eu-west-1',
      metric: metrics[below(8)],
      value: Math.round(random() * 1e6) / 1000,
      status: statuses[below(6)],
    }),
  },
  {
    name: '360 B',
    columns: [
      column('timestamp', 'timestamp', false),
      column('trace_id', 'varchar'),
      column('service', 'varchar', false),
      column('route', 'varchar'),
      column('duration_ms', 'double'),
      column('status', 'integer'),
      column('ok', 'boolean'),
      column('message', 'varchar'),
    ],
    make: (index) => ({
      timestamp: new Date(firstMs + index).toISOString(),
      trace_id: hex(32),
      service: `checkout-${below(40)}`,
      route: `/api/v1/items/${below(200)}`,
      duration_ms: random() * 1000,
      status: statuses[below(6)],
      ok: random() < 0.9,
      message: `request "${below(50)}" took\n longer than it should`,
      host: { name: `web-${below(1000)}`, zone: 'a', address: [10, 0, below(256), below(256)] },
      agent: 'Mozilla/5.0 (X11; Linux x86_64)',
      version: '2.31.4',
    }),
  },
];

export function makeMessages(kind: MessageKind, count: number): Uint8Array[] {
  const encoder = new TextEncoder();
  return Array.from({ length: count }, (_, index) => encoder.encode(JSON.stringify(kind.make(index))));
}
