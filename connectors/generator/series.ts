import type { Fleet, Service } from './fleet.ts';

/** What a series measures; the index is its kind in `FleetLevels`. Names and units are OpenTelemetry's. */
export const metricKinds = [
  { name: 'system.cpu.utilization', labels: {} },
  { name: 'system.cpu.load_average.1m', labels: {} },
  { name: 'system.memory.utilization', labels: { 'system.memory.state': 'used' } },
  { name: 'system.filesystem.utilization', labels: { 'system.filesystem.mountpoint': '/' } },
  { name: 'system.disk.io', labels: { 'system.device': 'sda', 'disk.io.direction': 'read' } },
  { name: 'system.disk.io', labels: { 'system.device': 'sda', 'disk.io.direction': 'write' } },
  { name: 'system.network.io', labels: { 'network.interface.name': 'eth0', 'network.io.direction': 'receive' } },
  { name: 'system.network.io', labels: { 'network.interface.name': 'eth0', 'network.io.direction': 'transmit' } },
  { name: 'http.server.request.duration', labels: {} },
  { name: 'http.server.active_requests', labels: {} },
  { name: 'http.server.request.count', labels: { 'http.response.status_class': '2xx' } },
  { name: 'http.server.request.count', labels: { 'http.response.status_class': '5xx' } },
  { name: 'process.memory.usage', labels: {} },
  { name: 'process.cpu.utilization', labels: {} },
] as const;
export const hostKinds = 8;

/** The series of one partition, in the order of their rows: host by host, a host's own first, then those of its services. */
export interface SeriesTable {
  readonly count: number;
  readonly kind: Uint8Array;
  readonly host: Uint32Array;
  /** Index of the service, or -1 for the host itself. */
  readonly service: Int32Array;
  /** Names the series for its noise: the same however the hosts are partitioned. */
  readonly noise: Uint32Array;
}

const seriesPerHostMax = 4096;

/** Hosts go to partitions in turn. */
export function buildSeries(fleet: Fleet, partition: number, partitions: number): SeriesTable {
  const kind: number[] = [];
  const host: number[] = [];
  const service: number[] = [];
  const noise: number[] = [];
  const servicesOn: number[][] = fleet.hosts.map(() => []);
  fleet.services.forEach((known: Service, s) => {
    for (const h of known.replicas) servicesOn[h]!.push(s);
  });
  for (let h = partition; h < fleet.hosts.length; h += partitions) {
    const first = kind.length;
    const add = (k: number, s: number): void => {
      noise.push(h * seriesPerHostMax + kind.length - first);
      kind.push(k);
      host.push(h);
      service.push(s);
    };
    for (let k = 0; k < hostKinds; k++) add(k, -1);
    for (const s of servicesOn[h] as number[]) for (let k = hostKinds; k < metricKinds.length; k++) add(k, s);
  }
  return {
    count: kind.length,
    kind: Uint8Array.from(kind),
    host: Uint32Array.from(host),
    service: Int32Array.from(service),
    noise: Uint32Array.from(noise),
  };
}
