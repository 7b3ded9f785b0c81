import { batchRowsMax } from '../batch.ts';
import type { StringDictionary } from '../string-dictionary.ts';
import { dictionaryOf, hexDictionary, strings, timestamps, writeMicros } from './columns.ts';
import { disorderOf } from './disorder.ts';
import { draw, hashIndex, mix } from './hash.ts';
import { Arrivals } from './season.ts';
import { type Filled, gather, type RowStream, type StreamContext } from './stream.ts';
import { writeTraceId } from './trace-id.ts';
import { TraceModel } from './trace-model.ts';
import { routesOf } from './trace-template.ts';

const levels = ['DEBUG', 'INFO', 'WARN', 'ERROR'] as const;
const slowMs = 250;
/** Slots looked at in one call when no row comes of them, so that a call always ends. */
const examinedMax = batchRowsMax * 4;

/** What services write while they handle the requests of a spans stream with the same seed: a slot per line. */
export class LogStream implements RowStream {
  readonly #context: StreamContext;
  readonly #model: TraceModel;
  readonly #arrivals: Arrivals;
  readonly #key: number;
  readonly #services: StringDictionary;
  readonly #hosts: StringDictionary;
  readonly #messages: StringDictionary;
  readonly #levels = dictionaryOf(levels);

  constructor(context: StreamContext) {
    this.#context = context;
    this.#model = new TraceModel(context.fleet, context.effects, context.spanRate);
    this.#arrivals = new Arrivals(context.rate);
    this.#key = mix(context.fleet.seed ^ 0x1095);
    this.#services = dictionaryOf(context.fleet.services.map((service) => service.name));
    this.#hosts = dictionaryOf(context.fleet.hosts);
    this.#messages = dictionaryOf(routesOf(context.fleet.services).flatMap(messagesOf));
  }

  timeOf(slot: number): number {
    return this.#arrivals.timeOf(this.#line(slot));
  }

  firstFrom(micros: number): number {
    const { partition, partitions } = this.#context;
    return Math.max(0, Math.ceil((this.#arrivals.firstFrom(micros) - partition) / partitions));
  }

  fill(from: number, end: number): Filled {
    const { needed, disorderMicros } = this.#context;
    const model = this.#model;
    const words = new Uint32Array(batchRowsMax * 2);
    const hosts = new Uint32Array(batchRowsMax);
    const services = new Uint32Array(batchRowsMax);
    const levelCodes = new Uint32Array(batchRowsMax);
    const messages = new Uint32Array(batchRowsMax);
    const statuses = new Int32Array(batchRowsMax);
    const traces = needed.has('trace_id') ? new Float64Array(batchRowsMax * 2) : null;
    const tracesPerLine = model.rate / this.#context.rate;
    let rows = 0;
    let slot = from;
    for (let examined = 0; examined < examinedMax && rows < batchRowsMax; examined++) {
      const line = this.#line(slot);
      const time = this.#arrivals.timeOf(line);
      if (time >= end) break;
      slot++;
      const trace = Math.floor(line * tracesPerLine);
      model.evaluate(trace);
      const hash = hashIndex(this.#key, line);
      const span = (draw(hash, 0) >>> 0) % model.template.spans;
      if (model.seen[span] === 0) continue;
      const status = model.status[span] as number;
      const kind = messageKind(status, model.durationMs[span] as number, draw(hash, 1));
      writeMicros(words, rows, disorderMicros === 0 ? time : time - disorderOf(draw(hash, 2), disorderMicros));
      hosts[rows] = model.host[span] as number;
      services[rows] = model.template.service[span] as number;
      levelCodes[rows] = levelOf[kind] as number;
      messages[rows] = (model.template.route[span] as number) * levelOf.length + kind;
      statuses[rows] = status;
      if (traces !== null) {
        traces[rows * 2] = model.hash;
        traces[rows * 2 + 1] = trace;
      }
      rows++;
    }
    const columns = gather(needed, {
      ts: () => timestamps(words, rows),
      host: () => strings(hosts, rows, this.#hosts),
      service: () => strings(services, rows, this.#services),
      level: () => strings(levelCodes, rows, this.#levels),
      message: () => strings(messages, rows, this.#messages),
      status: () => ({ kind: 'fixed', type: { kind: 'integer' }, data: statuses.subarray(0, rows), validity: null }),
      trace_id: () => traceIds(traces as Float64Array, rows),
    });
    return { rows, columns, next: slot };
  }

  #line(slot: number): number {
    return slot * this.#context.partitions + this.#context.partition;
  }
}

/** Level of each kind of message, by index into `levels`. */
const levelOf = [1, 1, 0, 2, 2, 3, 3, 3];

function messagesOf(route: string): readonly string[] {
  return [
    `${route} answered`,
    `${route} answered from cache`,
    `${route} cache miss, reading from storage`,
    `${route} slow answer`,
    `${route} no such item`,
    `${route} failed: unexpected error in handler`,
    `${route} failed: upstream refused the call`,
    `${route} failed: deadline exceeded`,
  ];
}

function messageKind(status: number, durationMs: number, bits: number): number {
  if (status >= 500) return status === 503 ? 6 : status === 504 ? 7 : 5;
  if (status === 404) return 4;
  if (durationMs > slowMs) return 3;
  const chance = bits & 15;
  return chance < 2 ? 2 : chance < 6 ? 1 : 0;
}

/** One entry per row; a trace may return. */
function traceIds(traces: Float64Array, rows: number) {
  const dictionary = hexDictionary(rows, 32);
  const codes = new Uint32Array(rows);
  for (let i = 0; i < rows; i++) {
    const trace = traces[i * 2 + 1] as number;
    const same = i > 0 && trace === traces[i * 2 - 1];
    codes[i] = same ? (codes[i - 1] as number) : i;
    writeTraceId(dictionary.bytes, i * 32, traces[i * 2] as number, Math.floor(trace / 4294967296), trace >>> 0);
  }
  return strings(codes, rows, dictionary);
}
