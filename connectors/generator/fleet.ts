import { draw, hashIndex, mix, unit } from './hash.ts';
import { serviceCatalogue } from './service-catalogue.ts';
import { buildTemplates, type TraceTemplate } from './trace-template.ts';

export interface Service {
  readonly name: string;
  readonly operations: readonly string[];
  /** Called asynchronously: its spans are CONSUMER, not SERVER. */
  readonly asynchronous: boolean;
  /** Services that it calls, by index. The graph has no cycle. */
  readonly calls: readonly number[];
  /** Hosts that run it, by index. */
  readonly replicas: Int32Array;
  /** Median of its own time in a request, milliseconds. */
  readonly ownMs: number;
  /** Share of requests that fail when nothing is wrong. */
  readonly errorRate: number;
  readonly memoryBytes: number;
}

export interface Fleet {
  readonly seed: number;
  readonly hosts: readonly string[];
  readonly services: readonly Service[];
  readonly templates: readonly TraceTemplate[];
  /** 1,024 template indexes, each as often as its share of the traffic. */
  readonly mix: Uint16Array;
  readonly spansPerTrace: number;
  /** Requests to each service per trace, on average. */
  readonly requestsPerTrace: Float64Array;
}

export const hostsMax = 10_000;
export const servicesMax = 500;
const mixSize = 1024;

/** Hosts, services, who calls whom and which requests come in: all of it from the seed. */
export function buildFleet(seed: number, hostCount: number, serviceCount: number): Fleet {
  const digits = Math.max(2, String(hostCount).length);
  const hosts = Array.from({ length: hostCount }, (_, i) => `node-${String(i + 1).padStart(digits, '0')}`);
  const key = mix(seed ^ 0x5eed);
  const callees = callGraph(key, serviceCount);
  const services = Array.from({ length: serviceCount }, (_, i) => buildService(key, i, hostCount, callees[i] as number[]));
  const templates = buildTemplates(services);
  const picks = pickTable(templates);
  const requestsPerTrace = new Float64Array(serviceCount);
  let spans = 0;
  for (const pick of picks) {
    const template = templates[pick] as TraceTemplate;
    spans += template.spans;
    for (let i = 0; i < template.spans; i++) requestsPerTrace[template.service[i] as number]! += 1 / mixSize;
  }
  return { seed, hosts, services, templates, mix: picks, spansPerTrace: spans / mixSize, requestsPerTrace };
}

function buildService(key: number, index: number, hostCount: number, calls: number[]): Service {
  const hash = hashIndex(key, index);
  const known = serviceCatalogue[index];
  const name = known?.name ?? `service-${index + 1}`;
  const replicas = Math.min(hostCount, 2 + (draw(hash, 0) & 1) + (index === 0 ? 1 : 0));
  const first = Math.floor(unit(draw(hash, 1)) * hostCount);
  return {
    name,
    operations: known?.operations ?? [`GET /${name}/items`, `POST /${name}/items`],
    asynchronous: known?.asynchronous ?? false,
    calls,
    replicas: Int32Array.from({ length: replicas }, (_, i) => (first + i) % hostCount),
    ownMs: 2 + 14 * unit(draw(hash, 2)),
    errorRate: 0.001 + 0.003 * unit(draw(hash, 3)),
    memoryBytes: (200 + 1300 * unit(draw(hash, 4))) * 1024 * 1024,
  };
}

/** Known services keep their known callees; one past the catalogue is called by one or two before it. */
function callGraph(key: number, count: number): number[][] {
  const indexOf = new Map(serviceCatalogue.map((service, i) => [service.name, i]));
  const callees = Array.from({ length: count }, (_, i) =>
    (serviceCatalogue[i]?.calls ?? []).map((name) => indexOf.get(name) as number).filter((callee) => callee < count),
  );
  for (let i = serviceCatalogue.length; i < count; i++) {
    const hash = hashIndex(mix(key), i);
    const callers = new Set([Math.floor(unit(draw(hash, 0)) * i), Math.floor(unit(draw(hash, 1)) * Math.min(i, 6))]);
    for (const caller of callers) callees[caller]!.push(i);
  }
  return callees;
}

function pickTable(templates: readonly TraceTemplate[]): Uint16Array {
  const total = templates.reduce((sum, template) => sum + template.weight, 0);
  const picks = new Uint16Array(mixSize);
  let share = 0;
  let filled = 0;
  templates.forEach((template, index) => {
    share += template.weight / total;
    const end = index === templates.length - 1 ? mixSize : Math.round(share * mixSize);
    picks.fill(index, filled, end);
    filled = end;
  });
  return picks;
}
