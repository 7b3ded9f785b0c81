import type { Position } from '../../../connectors/connector.ts';
import { resumePoint } from '../lane/resume-point.ts';
import { EdgeMarks } from './edge-marks.ts';
import type { EdgeStatus } from './group-settings.ts';
import type { GroupEdge } from './plan-edges.ts';

/** Where a lane stands in what it is sent. */
interface Reading {
  readonly rows: number;
  readonly bytes: number;
  /** As EdgeMarks gives it. */
  readonly marks: string;
}

interface Totals {
  sentRows: number;
  sentBytes: number;
  readRows: number;
  readBytes: number;
}

type PositionOf = (source: string, partition: string) => Position | null;

/** What goes by the edges of a group, as far as lanes of this process send and read it: counted when it is committed. */
export class EdgeCounts {
  readonly #edges: readonly GroupEdge[];
  readonly #lanes: number;
  readonly #totals: ReadonlyMap<string, Totals>;
  /** By lane, by edge. */
  readonly #readings = new Map<number, ReadonlyMap<string, Reading>>();

  constructor(edges: readonly GroupEdge[], lanes: number) {
    this.#edges = edges;
    this.#lanes = lanes;
    this.#totals = new Map(edges.map(({ source }) => [source.name, { sentRows: 0, sentBytes: 0, readRows: 0, readBytes: 0 }]));
  }

  sent(edge: string, rows: number, bytes: number): void {
    const totals = this.#totals.get(edge);
    if (totals === undefined) return;
    totals.sentRows += rows;
    totals.sentBytes += bytes;
  }

  /** A lane was opened: what it had read was counted where it was read. */
  opened(lane: number, position: PositionOf): void {
    this.#readings.set(lane, this.#reading(lane, position));
  }

  /** A lane has committed: it stands at these positions now. */
  committed(lane: number, position: PositionOf): void {
    const before = this.#readings.get(lane);
    this.opened(lane, position);
    for (const [edge, { rows, bytes }] of this.#readings.get(lane) ?? []) {
      const totals = this.#totals.get(edge) as Totals;
      totals.readRows += Math.max(0, rows - (before?.get(edge)?.rows ?? 0));
      totals.readBytes += Math.max(0, bytes - (before?.get(edge)?.bytes ?? 0));
    }
  }

  /** `running`: the lanes that are here now. */
  status(running: readonly number[]): EdgeStatus[] {
    return this.#edges.map(({ source: { name }, topic, query }) => {
      const heard = this.#heard(name, running);
      return { topic, query, ...(this.#totals.get(name) as Totals), ...heard };
    });
  }

  #reading(lane: number, position: PositionOf): Map<string, Reading> {
    return new Map(
      this.#edges.flatMap(({ source: { name } }) => {
        const stored = position(name, String(lane));
        if (stored === null) return [];
        const { row, position: at } = resumePoint(stored);
        const { bytes = 0, marks = '' } = typeof at === 'object' ? at : {};
        return [[name, { rows: row, bytes: Number(bytes), marks: String(marks) }] as const];
      }),
    );
  }

  /** How far the lanes are that send by an edge, by the newest that any lane here has read of each. */
  #heard(edge: string, running: readonly number[]): Pick<EdgeStatus, 'watermark' | 'newestWatermark' | 'waitsFor'> {
    const marks = running.flatMap((lane) => {
      const reading = this.#readings.get(lane)?.get(edge);
      return reading === undefined ? [] : [new EdgeMarks(this.#lanes, reading.marks).senders];
    });
    if (running.length === 0) return { watermark: null, newestWatermark: null, waitsFor: [] };
    const watermarks = Array.from({ length: this.#lanes }, (_, sender) => {
      const heard = marks.flatMap((senders) => senders[sender] ?? []);
      const epoch = Math.max(0, ...heard.map((each) => each.epoch));
      const watermark = heard.find((each) => each.epoch === epoch)?.watermark ?? null;
      return watermark === null ? null : Number(watermark / 1000n);
    });
    const known = watermarks.filter((watermark) => watermark !== null);
    const newestWatermark = known.length === 0 ? null : Math.max(...known);
    const watermark = known.length < watermarks.length ? null : Math.min(...known);
    const waitsFor = watermarks.flatMap((each, lane) => (each === watermark && each !== newestWatermark ? [lane] : []));
    return { watermark, newestWatermark, waitsFor: known.length === 0 ? watermarks.map((_, lane) => lane) : waitsFor };
  }
}
