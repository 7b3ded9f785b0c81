import { faultPoint } from '../../../connectors/fault-point.ts';
import { type Component, componentName, componentsOf, imageObstacle, moduleName } from '../images/components.ts';
import type { ImageMemory, TakenImage } from '../images/taken-image.ts';
import type { LaneParts } from './lane-parts.ts';
import type { LaneMessage, LaneSetup, QuerySetup } from './protocol.ts';
import type { QueryNode } from './query-node.ts';
import { storedPosition } from './resume-point.ts';
import type { SourceRunner } from './source-runner.ts';

/** Memory (bytes) of connected queries above which no image is taken of them. */
export const imageBytesMax = 1 << 30;
/** The next image waits for so many times as long as the last one took to be compressed and written: at most a twentieth of a core. */
const restFactor = 20;

interface Subject {
  readonly name: string;
  readonly component: Component<QuerySetup>;
  readonly nodes: readonly QueryNode[];
  readonly sources: readonly SourceRunner[];
  /** Milliseconds since 1970. */
  dueAt: number;
  underWay: boolean;
  /** Where its partitions stood at the last image. */
  points: string;
  told: boolean;
}

/** Takes images of a lane's queries when an epoch has ended. */
export class ImageTaker {
  readonly #parts: Pick<LaneParts, 'timing'>;
  readonly #send: (message: LaneMessage) => void;
  readonly #everyMs: number | null;
  readonly #subjects: readonly Subject[];

  constructor(
    setup: LaneSetup,
    nodes: readonly QueryNode[],
    sources: readonly SourceRunner[],
    parts: Pick<LaneParts, 'connector' | 'timing'>,
    send: (message: LaneMessage) => void,
  ) {
    this.#parts = parts;
    this.#send = send;
    const now = parts.timing.now();
    this.#everyMs = setup.imageEveryMs ?? null;
    const definition = (name: string) => setup.sources.find((source) => source.definition.name === name)?.definition;
    const components = this.#everyMs === null ? [] : componentsOf(setup.queries);
    this.#subjects = components
      .filter((component) => imageObstacle(component, definition, parts.connector) === null)
      .map((component) => ({
        name: componentName(component.queries.map((query) => query.definition.id)),
        component,
        nodes: nodes.filter(({ setup: { definition: own } }) => component.queries.some((query) => query.definition.id === own.id)),
        sources: sources.filter((source) => component.sources.has(source.name)),
        dueAt: now + (this.#everyMs ?? 0),
        underWay: false,
        points: '',
        told: false,
      }));
  }

  /** Right after an epoch has ended: of one component at most, so that the lane does not stand still for long. */
  epochEnded(now: number): void {
    for (const subject of this.#subjects) {
      if (subject.underWay || now < subject.dueAt || subject.nodes.some((node) => node.error !== null || node.ended)) continue;
      const points = pointsOf(subject.sources);
      const text = JSON.stringify(points);
      if (text === subject.points) continue;
      subject.points = text;
      subject.dueAt = now + (this.#everyMs as number);
      if (!this.#fits(subject)) continue;
      const image = take(subject, points, now);
      if (image === null) continue;
      faultPoint('snapshot_taken');
      subject.underWay = true;
      this.#send({ type: 'image', image });
      return;
    }
  }

  /** The image of a component is written, or has failed; both took `ms`. */
  done(component: string, ms: number, now: number): void {
    const subject = this.#subjects.find(({ name }) => name === component);
    if (subject === undefined) return;
    subject.underWay = false;
    subject.dueAt = Math.max(subject.dueAt, now + restFactor * ms);
  }

  #fits(subject: Subject): boolean {
    const bytes = subject.nodes.reduce((sum, node) => sum + (node.stateful ? node.memoryBytes() : 0), 0);
    if (bytes <= imageBytesMax) return true;
    if (!subject.told) {
      const names = subject.nodes.map(({ id }) => id).join(', ');
      const text = `no images are taken of ${names}: together they keep ${bytes} bytes, more than ${imageBytesMax}; a restart reads again what open windows need`;
      this.#send({ type: 'event', event: { at: this.#parts.timing.now(), level: 'warning', kind: 'image', subject: null, text } });
    }
    subject.told = true;
    return false;
  }
}

type Points = TakenImage['about']['points'];

function pointsOf(sources: readonly SourceRunner[]): Points {
  return sources.flatMap(({ name, progress }) =>
    [...progress.partitions.values()]
      .filter(({ position }) => position !== null)
      .map((partition) => ({ source: name, partition: partition.name, position: storedPosition(partition.point()) })),
  );
}

function take({ name, component, nodes, sources }: Subject, points: Points, now: number): TakenImage | null {
  const begun = performance.now();
  const stateful = nodes.filter((node) => node.stateful);
  const whole = new Uint8Array(stateful.reduce((sum, node) => sum + node.memoryBytes(), 0));
  const memories: ImageMemory[] = [];
  let offset = 0;
  for (const node of stateful) {
    const bytes = node.memoryBytes();
    const image = node.image(whole.subarray(offset, offset + bytes));
    if (image === null || image.memory.length !== bytes) return null;
    memories.push({ query: node.id, bytes, globals: image.globals, validities: image.validities });
    offset += bytes;
  }
  const queries = nodes.map(({ id, watermark, setup: { fingerprint, program, definition, endedRows } }) => ({
    id,
    fingerprint,
    module: moduleName(program),
    memoryBytesMax: definition.options.memoryBytesMax,
    watermark,
    ...(endedRows === undefined ? {} : { endedRows }),
  }));
  const read = new Set(component.queries.flatMap((query) => query.sources));
  const about = {
    component: name,
    takenAt: now,
    sources: sources.map((source) => source.name).filter((each) => read.has(each)),
    points,
    queries,
  };
  return { about, memories, bytes: whole, pauseMs: performance.now() - begun };
}
