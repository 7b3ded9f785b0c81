import type { Effects } from './effects.ts';
import type { Fleet, Service } from './fleet.ts';
import { draw, hashIndex, lognormals, mix, unit } from './hash.ts';
import { Arrivals, seasonAt, seasonMax } from './season.ts';
import { spansPerTraceMax, type TraceTemplate } from './trace-template.ts';

const spanStepMaxMicros = 500;
const failureCodes = [500, 500, 503, 504] as const;

/**
 * The requests to the fleet. Trace n is a pure function of the seed and n: `evaluate(n)` fills the arrays below, one entry per span.
 * A caller takes at least as long as all its calls and often fails when one of them does.
 */
export class TraceModel {
  readonly arrivals: Arrivals;
  /** Traces per second, weekly mean. */
  readonly rate: number;
  /** From one span's begin to the next one's, microseconds: small enough that traces do not overlap in the order of rows. */
  readonly spanStep: number;
  /** Of the trace evaluated last. */
  template: TraceTemplate;
  hash = 0;
  time = 0;
  readonly host = new Int32Array(spansPerTraceMax);
  readonly status = new Int32Array(spansPerTraceMax);
  readonly durationMs = new Float64Array(spansPerTraceMax);
  /** 1: happened and was heard of. 0: never called (its caller was hit by a drop), or its host is silent. */
  readonly seen = new Uint8Array(spansPerTraceMax);
  readonly #called = new Uint8Array(spansPerTraceMax);
  readonly #below = new Float64Array(spansPerTraceMax);
  readonly #failedBelow = new Uint8Array(spansPerTraceMax);
  readonly #fleet: Fleet;
  readonly #effects: Effects;
  readonly #key: number;
  #load = 1;
  #loadSecond = Number.NaN;

  /** `spanRate`: spans per second over all services, weekly mean. */
  constructor(fleet: Fleet, effects: Effects, spanRate: number) {
    this.#fleet = fleet;
    this.#effects = effects;
    this.#key = mix(fleet.seed ^ 0x7ace);
    this.rate = spanRate / fleet.spansPerTrace;
    this.arrivals = new Arrivals(this.rate);
    this.spanStep = Math.min(spanStepMaxMicros, Math.floor(1e6 / (this.rate * seasonMax * spansPerTraceMax)));
    this.template = fleet.templates[0] as TraceTemplate;
  }

  evaluate(n: number): void {
    this.hash = hashIndex(this.#key, n);
    this.time = this.arrivals.timeOf(n);
    this.template = this.#fleet.templates[this.#fleet.mix[this.hash & 1023] as number] as TraceTemplate;
    this.#effects.moveTo(this.time);
    const second = Math.floor(this.time / 1e6);
    if (second !== this.#loadSecond) {
      this.#loadSecond = second;
      this.#load = 0.7 + 0.3 * seasonAt(second);
    }
    this.#callDown();
    this.#returnUp();
  }

  /** Who is called, and on which host it runs. */
  #callDown(): void {
    const { spans, service, parent } = this.template;
    const { traffic, silent } = this.#effects;
    for (let i = 0; i < spans; i++) {
      const s = service[i] as number;
      const bits = draw(this.hash, i * 4);
      const caller = parent[i] as number;
      const share = traffic[s] as number;
      const called = (caller < 0 || this.#called[caller] === 1) && (share === 1 || unit(bits) < share) ? 1 : 0;
      const { replicas } = this.#fleet.services[s] as Service;
      const host = replicas[(bits >>> 4) % replicas.length] as number;
      this.#called[i] = called;
      this.host[i] = host;
      this.seen[i] = called === 1 && silent[host] === 0 ? 1 : 0;
      this.#below[i] = 0;
      this.#failedBelow[i] = 0;
    }
  }

  /** How long each call takes and how it ends, callees before their callers. */
  #returnUp(): void {
    const { spans, service, parent, success } = this.template;
    const { errorRate, slowness, hostSlowness } = this.#effects;
    for (let i = spans - 1; i >= 0; i--) {
      if (this.#called[i] === 0) continue;
      const s = service[i] as number;
      const known = this.#fleet.services[s] as Service;
      const bits = draw(this.hash, i * 4 + 1);
      const slow = (slowness[s] as number) * (hostSlowness[this.host[i] as number] as number);
      const own = known.ownMs * (lognormals[bits & 4095] as number) * slow * this.#load;
      this.durationMs[i] = own + (this.#below[i] as number);
      const chance = unit(draw(this.hash, i * 4 + 2));
      const failing = known.errorRate + (errorRate[s] as number);
      const failed = chance < failing || (this.#failedBelow[i] === 1 && (bits >>> 12) % 10 < 7);
      this.status[i] = failed ? (failureCodes[(bits >>> 20) & 3] as number) : chance > 0.994 ? 404 : (success[i] as number);
      const caller = parent[i] as number;
      if (caller < 0) continue;
      this.#below[caller]! += (this.durationMs[i] as number) + (this.spanStep / 1000) * (i - caller);
      if (failed) this.#failedBelow[caller] = 1;
    }
  }
}
