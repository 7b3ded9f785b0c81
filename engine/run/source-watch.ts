import type { Waiting } from '../../connectors/connector.ts';
import type { Catalog, SourceDefinition } from '../plan/catalog.ts';
import type { EngineEvent, SourceStatus } from './runtime-status.ts';
import { RejectedShare } from './rejected-share.ts';

/** New names of unknown fields of one source are told of at most this often (ms). */
const fieldsEveryMs = 60_000;
const fieldsShownMax = 5;

type Tell = (event: Omit<EngineEvent, 'at'>) => void;

interface Watched {
  readonly share: RejectedShare | null;
  rejectingSince: number | null;
  waiting: Waiting | null;
  waits: number;
  readonly fieldsTold: Set<string>;
  fieldsAt: number;
}

/** Watches the sources of a run, whatever lanes read them: tells when one begins and ends to wait or to reject too much. */
export class SourceWatch {
  readonly #sources = new Map<string, Watched>();
  readonly #definitions: ReadonlyMap<string, SourceDefinition>;
  readonly #tell: Tell;

  constructor(catalog: Catalog, tell: Tell) {
    this.#definitions = catalog.sources;
    this.#tell = tell;
  }

  /** Each of these, now. */
  look(sources: Readonly<Record<string, SourceStatus>>, now: number): void {
    for (const [name, status] of Object.entries(sources)) {
      const watched = this.#watched(name);
      this.#lookAtRejected(name, watched, status, now);
      this.#lookAtWaiting(name, watched, status.waiting ?? null, now);
      this.#lookAtFields(name, watched, status.unknownFields ?? [], now);
    }
  }

  /** What it knows of a source besides what lanes say. */
  add(name: string, status: SourceStatus): SourceStatus {
    const watched = this.#sources.get(name);
    if (watched === undefined) return status;
    const { waits, rejectingSince, share } = watched;
    return { ...status, waits, rejectedShare: share?.ratio ?? null, ...(rejectingSince === null ? {} : { rejectingSince }) };
  }

  #watched(name: string): Watched {
    const known = this.#sources.get(name);
    if (known !== undefined) return known;
    const limit = this.#definitions.get(name)?.rejectedAlert;
    const share = limit === undefined ? null : new RejectedShare(limit.windowMs);
    const watched = {
      share,
      rejectingSince: null,
      waiting: null,
      waits: 0,
      fieldsTold: new Set<string>(),
      fieldsAt: Number.NEGATIVE_INFINITY,
    };
    this.#sources.set(name, watched);
    return watched;
  }

  #lookAtRejected(name: string, watched: Watched, { rows, rejected }: SourceStatus, now: number): void {
    const limit = this.#definitions.get(name)?.rejectedAlert;
    if (limit === undefined || watched.share === null) return;
    const { share } = watched;
    share.add(now, rows, rejected);
    const above = share.ratio !== null && share.ratio > limit.ratio && share.rejected >= limit.rows;
    if (above === (watched.rejectingSince !== null)) return;
    watched.rejectingSince = above ? now : null;
    const most = percent(limit.ratio);
    const text = above
      ? `${name} rejects ${percent(share.ratio as number)} of its rows, more than ${most} (rejected_alert_ratio): ${name}__rejected says why`
      : `${name} rejects no more than ${most} of its rows again`;
    this.#tell({ level: above ? 'error' : 'info', kind: 'rejected_alert', subject: name, text });
  }

  #lookAtWaiting(name: string, watched: Watched, waiting: Waiting | null, now: number): void {
    const before = watched.waiting;
    watched.waiting = waiting;
    if ((before === null) === (waiting === null)) return;
    if (waiting !== null) {
      watched.waits++;
      this.#tell({ level: 'warning', kind: 'source_waits', subject: name, text: `source ${name} waits: ${waiting.reason}` });
    } else if (before !== null) {
      const seconds = Math.max(0, Math.round((now - before.since) / 1000));
      this.#tell({ level: 'info', kind: 'source_waits', subject: name, text: `source ${name} goes on after ${seconds} s of waiting` });
    }
  }

  #lookAtFields(name: string, watched: Watched, fields: readonly (readonly [string | null, number])[], now: number): void {
    if (now - watched.fieldsAt < fieldsEveryMs) return;
    const fresh = fields.flatMap(([field, times]) => (field === null || watched.fieldsTold.has(field) ? [] : [{ field, times }]));
    if (fresh.length === 0) return;
    watched.fieldsAt = now;
    for (const { field } of fresh) watched.fieldsTold.add(field);
    const shown = fresh.slice(0, fieldsShownMax).map(({ field, times }) => `${field} (${times})`);
    const more = fresh.length > shown.length ? ` and ${fresh.length - shown.length} more` : '';
    const text = `records of ${name} have fields that its table does not declare, and that are passed over: ${shown.join(', ')}${more}`;
    this.#tell({ level: 'info', kind: 'unknown_fields', subject: name, text });
  }
}

function percent(share: number): string {
  return `${Number((share * 100).toPrecision(2))} %`;
}
