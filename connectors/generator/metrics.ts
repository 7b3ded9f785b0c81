import { batchRowsMax, type Column } from '../batch.ts';
import type { StringDictionary } from '../string-dictionary.ts';
import { dictionaryOf, labelMap, strings, timestamps, writeMicros } from './columns.ts';
import { disorderOf } from './disorder.ts';
import { FleetLevels } from './fleet-levels.ts';
import { hashIndex, mix } from './hash.ts';
import { buildSeries, metricKinds, type SeriesTable } from './series.ts';
import { type Filled, gather, type RowStream, type StreamContext } from './stream.ts';

const examinedMax = batchRowsMax * 4;

/** A row per series and interval; slots count series within ticks, and ticks since 1970. */
export class MetricStream implements RowStream {
  readonly #context: StreamContext;
  readonly #series: SeriesTable;
  readonly #levels: FleetLevels;
  readonly #interval: number;
  readonly #key: number;
  readonly #hosts: StringDictionary;
  readonly #services: StringDictionary;
  readonly #names = dictionaryOf(metricKinds.map((metric) => metric.name));
  readonly #nameCodes: Uint32Array;
  readonly #labels = new LabelTable();

  constructor(context: StreamContext) {
    const { fleet } = context;
    this.#context = context;
    this.#series = buildSeries(fleet, context.partition, context.partitions);
    this.#levels = new FleetLevels(fleet, context.effects, context.intervalMs, context.spanRate / fleet.spansPerTrace);
    this.#interval = context.intervalMs * 1000;
    this.#key = mix(fleet.seed ^ 0xd150);
    this.#hosts = dictionaryOf(fleet.hosts);
    this.#services = dictionaryOf(fleet.services.map((service) => service.name));
    this.#nameCodes = Uint32Array.from(metricKinds, (metric) => this.#names.intern(metric.name));
  }

  timeOf(slot: number): number {
    return Math.floor(slot / this.#series.count) * this.#interval;
  }

  firstFrom(micros: number): number {
    return Math.ceil(micros / this.#interval) * this.#series.count;
  }

  fill(from: number, end: number): Filled {
    const { disorderMicros, effects } = this.#context;
    const { count, kind, host, service, noise } = this.#series;
    const words = new Uint32Array(batchRowsMax * 2);
    const values = new Float64Array(batchRowsMax);
    const chosen = new Uint32Array(batchRowsMax);
    let rows = 0;
    let slot = from;
    let tick = Math.floor(from / count);
    let index = from - tick * count;
    for (let examined = 0; examined < examinedMax && rows < batchRowsMax; examined++) {
      const time = tick * this.#interval;
      if (time >= end) break;
      this.#levels.moveTo(tick, time);
      const h = host[index] as number;
      if (effects.silent[h] === 0) {
        const name = noise[index] as number;
        const early = disorderMicros === 0 ? 0 : disorderOf(hashIndex(mix(this.#key ^ name), tick), disorderMicros);
        writeMicros(words, rows, time - early);
        values[rows] = this.#levels.value(name, kind[index] as number, h, service[index] as number);
        chosen[rows] = index;
        rows++;
      }
      slot++;
      if (++index === count) {
        index = 0;
        tick++;
      }
    }
    const columns = gather(this.#context.needed, {
      ts: () => timestamps(words, rows),
      host: () =>
        strings(
          chosen.subarray(0, rows).map((i) => host[i] as number),
          rows,
          this.#hosts,
        ),
      service: () => this.#serviceColumn(chosen, rows),
      name: () =>
        strings(
          chosen.subarray(0, rows).map((i) => this.#nameCodes[kind[i] as number] as number),
          rows,
          this.#names,
        ),
      value: () => ({ kind: 'fixed', type: { kind: 'double' }, data: values.subarray(0, rows), validity: null }),
      labels: () => this.#labels.column(chosen, kind, rows),
    });
    return { rows, columns, next: slot };
  }

  /** NULL for what a host measures of itself. */
  #serviceColumn(chosen: Uint32Array, rows: number): Column {
    const codes = new Uint32Array(rows);
    const validity = new Uint8Array((rows + 7) >> 3);
    for (let i = 0; i < rows; i++) {
      const service = this.#series.service[chosen[i] as number] as number;
      if (service < 0) continue;
      codes[i] = service;
      validity[i >> 3]! |= 1 << (i & 7);
    }
    return strings(codes, rows, this.#services, validity);
  }
}

/** The labels of each kind of metric, as codes. */
class LabelTable {
  readonly #keys = dictionaryOf([]);
  readonly #values = dictionaryOf([]);
  readonly #byKind: readonly (readonly { key: number; value: number }[])[];

  constructor() {
    this.#byKind = metricKinds.map(({ labels }) =>
      Object.entries(labels).map(([key, value]) => ({ key: this.#keys.intern(key), value: this.#values.intern(value) })),
    );
  }

  column(chosen: Uint32Array, kinds: Uint8Array, rows: number): Column {
    const offsets = new Uint32Array(rows + 1);
    const keys = new Uint32Array(rows * 2);
    const values = new Uint32Array(rows * 2);
    let entries = 0;
    for (let i = 0; i < rows; i++) {
      const labels = this.#byKind[kinds[chosen[i] as number] as number] as readonly { key: number; value: number }[];
      for (let j = 0; j < labels.length; j++) {
        keys[entries] = labels[j]!.key;
        values[entries] = labels[j]!.value;
        entries++;
      }
      offsets[i + 1] = entries;
    }
    const children = [strings(keys, entries, this.#keys), strings(values, entries, this.#values)];
    return { kind: 'list', type: labelMap, offsets, children, validity: null };
  }
}
