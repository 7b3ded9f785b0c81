import { batchRowsMax } from '../batch.ts';
import type { StringDictionary } from '../string-dictionary.ts';
import { dictionaryOf, hexDictionary, strings, timestamps, writeHex, writeMicros } from './columns.ts';
import { disorderOf } from './disorder.ts';
import { draw } from './hash.ts';
import { type Filled, gather, type RowStream, type StreamContext } from './stream.ts';
import { TraceModel } from './trace-model.ts';
import { routesOf, spansPerTraceMax } from './trace-template.ts';
import { writeTraceId } from './trace-id.ts';
import { VersionCodes } from './version-codes.ts';

const capacity = batchRowsMax;

/** One row per span, a slot per trace. */
export class SpanStream implements RowStream {
  readonly #context: StreamContext;
  readonly #model: TraceModel;
  readonly #services: StringDictionary;
  readonly #routes: StringDictionary;
  readonly #hosts: StringDictionary;
  readonly #kinds = dictionaryOf(['SERVER', 'CONSUMER']);
  readonly #versions: VersionCodes;

  constructor(context: StreamContext) {
    this.#context = context;
    this.#model = new TraceModel(context.fleet, context.effects, context.rate);
    this.#services = dictionaryOf(context.fleet.services.map((service) => service.name));
    this.#routes = dictionaryOf(routesOf(context.fleet.services));
    this.#hosts = dictionaryOf(context.fleet.hosts);
    this.#versions = new VersionCodes(context);
  }

  timeOf(slot: number): number {
    return this.#model.arrivals.timeOf(this.#trace(slot));
  }

  firstFrom(micros: number): number {
    const { partition, partitions } = this.#context;
    return Math.max(0, Math.ceil((this.#model.arrivals.firstFrom(micros) - partition) / partitions));
  }

  fill(from: number, end: number): Filled {
    const { needed, disorderMicros } = this.#context;
    const model = this.#model;
    const wants = (name: string): boolean => needed.has(name);
    const words = new Uint32Array(capacity * 2);
    const service = wants('service') ? new Uint32Array(capacity) : null;
    const route = wants('route') ? new Uint32Array(capacity) : null;
    const kind = wants('kind') ? new Uint32Array(capacity) : null;
    const status = wants('status') ? new Int32Array(capacity) : null;
    const duration = wants('duration_ms') ? new Float64Array(capacity) : null;
    const host = wants('host') ? new Uint32Array(capacity) : null;
    const version = wants('version') ? new Uint32Array(capacity) : null;
    const identifiers = wants('trace_id') || wants('span_id') || wants('parent_span_id') ? new SpanIdentifiers() : null;
    let rows = 0;
    let slot = from;
    for (let examined = 0; examined < capacity && rows <= capacity - spansPerTraceMax; examined++) {
      const trace = this.#trace(slot);
      if (model.arrivals.timeOf(trace) >= end) break;
      model.evaluate(trace);
      const template = model.template;
      identifiers?.beginTrace(model.hash, trace);
      for (let i = 0; i < template.spans; i++) {
        if (model.seen[i] === 0) continue;
        const time = model.time + i * model.spanStep;
        writeMicros(words, rows, disorderMicros === 0 ? time : time - disorderOf(draw(model.hash, i * 4 + 3), disorderMicros));
        const s = template.service[i] as number;
        if (service !== null) service[rows] = s;
        if (route !== null) route[rows] = template.route[i] as number;
        if (kind !== null) kind[rows] = template.asynchronous[i] as number;
        if (status !== null) status[rows] = model.status[i] as number;
        if (duration !== null) duration[rows] = Math.round((model.durationMs[i] as number) * 1000) / 1000;
        if (host !== null) host[rows] = model.host[i] as number;
        if (version !== null) version[rows] = this.#versions.codeAt(s, model.time);
        identifiers?.add(rows, i, template.parent[i] as number);
        rows++;
      }
      slot++;
    }
    const columns = gather(needed, {
      ts: () => timestamps(words, rows),
      service: () => strings(service as Uint32Array, rows, this.#services),
      route: () => strings(route as Uint32Array, rows, this.#routes),
      kind: () => strings(kind as Uint32Array, rows, this.#kinds),
      status: () => ({ kind: 'fixed', type: { kind: 'integer' }, data: (status as Int32Array).subarray(0, rows), validity: null }),
      duration_ms: () => ({ kind: 'fixed', type: { kind: 'double' }, data: (duration as Float64Array).subarray(0, rows), validity: null }),
      host: () => strings(host as Uint32Array, rows, this.#hosts),
      version: () => strings(version as Uint32Array, rows, this.#versions.dictionary),
      trace_id: () => (identifiers as SpanIdentifiers).traceIds(rows),
      span_id: () => (identifiers as SpanIdentifiers).spanIds(rows),
      parent_span_id: () => (identifiers as SpanIdentifiers).parentIds(rows),
    });
    return { rows, columns, next: slot };
  }

  #trace(slot: number): number {
    return slot * this.#context.partitions + this.#context.partition;
  }
}

/** Identifiers of the spans of one batch, kept as words until it is known how many there are. */
class SpanIdentifiers {
  readonly #traceWords = new Uint32Array(capacity * 3);
  readonly #traceOf = new Uint32Array(capacity);
  readonly #spanWords = new Uint32Array(capacity * 2);
  readonly #parentWords = new Uint32Array(capacity * 2);
  readonly #root = new Uint8Array(capacity);
  #traces = 0;

  beginTrace(hash: number, trace: number): void {
    this.#traceWords[this.#traces * 3] = hash;
    this.#traceWords[this.#traces * 3 + 1] = Math.floor(trace / 4294967296);
    this.#traceWords[this.#traces * 3 + 2] = trace;
    this.#traces++;
  }

  add(row: number, span: number, parent: number): void {
    const hash = this.#traceWords[(this.#traces - 1) * 3] as number;
    const low = this.#traceWords[(this.#traces - 1) * 3 + 2] as number;
    this.#traceOf[row] = this.#traces - 1;
    this.#spanWords[row * 2] = draw(hash, 1000 + span);
    this.#spanWords[row * 2 + 1] = draw(low, 2000 + span);
    this.#parentWords[row * 2] = draw(hash, 1000 + parent);
    this.#parentWords[row * 2 + 1] = draw(low, 2000 + parent);
    this.#root[row] = parent < 0 ? 1 : 0;
  }

  traceIds(rows: number) {
    const dictionary = hexDictionary(this.#traces, 32);
    for (let i = 0; i < this.#traces; i++) {
      writeTraceId(
        dictionary.bytes,
        i * 32,
        this.#traceWords[i * 3] as number,
        this.#traceWords[i * 3 + 1] as number,
        this.#traceWords[i * 3 + 2] as number,
      );
    }
    return strings(this.#traceOf, rows, dictionary);
  }

  spanIds(rows: number) {
    return strings(
      Uint32Array.from({ length: rows }, (_, i) => i),
      rows,
      this.#hex(this.#spanWords, rows),
    );
  }

  parentIds(rows: number) {
    const validity = new Uint8Array((rows + 7) >> 3);
    const codes = new Uint32Array(rows);
    for (let i = 0; i < rows; i++) {
      if (this.#root[i] === 1) continue;
      validity[i >> 3]! |= 1 << (i & 7);
      codes[i] = i;
    }
    return strings(codes, rows, this.#hex(this.#parentWords, rows), validity);
  }

  #hex(words: Uint32Array, rows: number): StringDictionary {
    const dictionary = hexDictionary(rows, 16);
    for (let i = 0; i < rows * 2; i++) writeHex(dictionary.bytes, i * 8, words[i] as number);
    return dictionary;
  }
}
