import type { LaneParts } from '../../../engine/run/lane/lane-parts.ts';
import { systemTiming } from '../../../engine/run/time/timing.ts';
import type { Row } from './definitions.ts';
import { instantiate } from './fake-instance.ts';
import { MemoryConnector } from './memory-connector.ts';

/** 1 row a second of event time; source `dies` ends its thread after a few. */
const rows = [...Array(20_000).keys()].map((i): Row => [1_800_000_000_000 + i * 1000, `k${i % 7}`, i]);

class DyingConnector extends MemoryConnector {
  override async open(context: Parameters<MemoryConnector['open']>[0]) {
    const reader = await super.open(context);
    if (context.source === 'dies') setTimeout(() => process.exit(7), 200);
    return reader;
  }
}

const connector = new DyingConnector(
  { s: { p: rows }, dies: { p: [...rows.slice(0, 10), { pause: Number.MAX_SAFE_INTEGER }] } },
  { batchRows: 1000 },
);

export const connectors = new Map([[connector.name, connector]]);
export const laneParts: LaneParts = { connector: () => connector, instantiate, timing: systemTiming };
