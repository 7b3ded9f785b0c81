import type { Hono } from 'hono';
import { Counter, Gauge, Registry } from 'prom-client';
import type { Engine } from '../run/runtime-status.ts';
import { type MetricsInput, metrics } from './metrics.ts';
import type { StreamHub } from './stream-hub.ts';

/** `/metrics` in Prometheus' text format. */
export function addMetrics(app: Hono, engine: Engine, hub: StreamHub): void {
  const registry = new Registry();
  const fills = metrics.map(({ name, help, type, labels, samples }) => {
    const labelNames = [...labels];
    if (type === 'gauge') {
      const gauge = new Gauge({ name, help, labelNames, registers: [registry] });
      return (input: MetricsInput) => {
        gauge.reset();
        for (const [values, value] of samples(input)) if (value !== null) gauge.set(values, value);
      };
    }
    const counter = new Counter({ name, help, labelNames, registers: [registry] });
    return (input: MetricsInput) => {
      counter.reset();
      for (const [values, value] of samples(input)) if (value !== null) counter.inc(values, value);
    };
  });
  app.get('/metrics', async (context) => {
    const input = { status: engine.status(), catalog: engine.catalog, streams: { readers: hub.readers, skipped: hub.skipped } };
    for (const fill of fills) fill(input);
    return context.body(await registry.metrics(), 200, { 'content-type': registry.contentType });
  });
}
