import { describe, expect, it } from 'vitest';
import type { QueryDefinition } from '../../engine/plan/catalog.ts';
import type { Engine, LiveRows } from '../../engine/run/runtime-status.ts';
import { FiringAlerts } from '../../engine/status/firing-alerts.ts';

const alert = { severity: 'page', keys: 'service', for: 20_000, resolve_after: 60_000, summary: '{{service}}: {{rate}} of requests fail' };
const query = { id: 'demo/errors', options: { kind: 'alert', alert } } as unknown as QueryDefinition;
const view = { id: 'demo/rates', options: { kind: 'view', alert: {} } } as unknown as QueryDefinition;

function setUp() {
  const listened: string[] = [];
  const engine = {
    catalog: { queries: [query, view] },
    status: () => ({ now: 0 }),
    onRows: (id: string) => {
      listened.push(id);
      return () => {};
    },
  } as unknown as Engine;
  return { alerts: new FiringAlerts(engine), listened };
}

const rows = (...services: string[]): LiveRows => ({
  query: query.id,
  columns: [
    { name: 'service', type: 'VARCHAR' },
    { name: 'rate', type: 'DOUBLE' },
  ],
  rows: services.map((service) => [service, 0.123456]),
  dropped: 0,
});

describe('firing alerts', () => {
  it('listens to alerts only', () => {
    expect(setUp().listened).toEqual(['demo/errors']);
  });

  it('fires once its row has come for long enough, by key', () => {
    const { alerts } = setUp();
    alerts.add(rows('cart', 'search'), 1_000);
    expect(alerts.firing(2_000)).toEqual([]);
    alerts.add(rows('cart'), 21_000);
    expect(alerts.firing(21_000)).toEqual([
      { query: 'demo/errors', key: 'service=cart', severity: 'critical', text: 'cart: 0.123 of requests fail', since: 1_000 },
    ]);
  });

  it('resolves when no row has come for long enough, and then begins anew', () => {
    const { alerts } = setUp();
    alerts.add(rows('cart'), 0);
    alerts.add(rows('cart'), 30_000);
    expect(alerts.firing(90_000)).toHaveLength(1);
    expect(alerts.firing(90_001)).toEqual([]);
    alerts.add(rows('cart'), 100_000);
    expect(alerts.firing(100_000)).toEqual([]);
  });
});
