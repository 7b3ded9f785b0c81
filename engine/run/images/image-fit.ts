import { isAfterImage } from '../../store/replay-ranges.ts';
import type { RecoveryState, ReplayRange, StoredImage } from '../../store/store.ts';
import type { QuerySetup, ReplayStretch } from '../lane/protocol.ts';
import { type ResumePoint, resumePoint } from '../lane/resume-point.ts';
import { type Component, moduleName } from './components.ts';

/** What the engine that goes on from an image must have in common with the one that took it. */
export interface Fit {
  readonly component: Component<QuerySetup>;
  readonly stored: RecoveryState;
  readonly engine: string;
}

/** Why an image is not what a component stood at, in words; null: it is, and all that came after it is known. */
export function misfit(image: StoredImage, { component, stored, engine }: Fit): string | null {
  if (image.engine !== engine) return `it is of version ${image.engine} of the engine`;
  const restored = component.queries.filter((query) => query.restored);
  const ids = image.queries.map(({ id }) => id);
  if (ids.length !== restored.length || restored.some(({ definition }) => !ids.includes(definition.id)))
    return 'it is of other queries than those that are there';
  for (const query of restored) {
    const change = queryMisfit(image.queries.find(({ id }) => id === query.definition.id) as StoredImage['queries'][number], query);
    if (change !== null) return `${query.definition.id} ${change}`;
  }
  const sources = new Set(restored.flatMap((query) => query.sources));
  if (sources.size !== image.sources.length || image.sources.some((name) => !sources.has(name)))
    return 'its queries read other sources than they did';
  for (const { source, partition, position } of stored.partitions) {
    // What nobody keeps anything of is not logged, and not read again.
    if (!restored.some((query) => !query.program.stateless && query.sources.includes(source))) continue;
    const at = image.points.find((point) => point.source === source && point.partition === partition);
    const stretches = stretchesAfter(image, source, stored.ranges).filter((stretch) => stretch.partition === partition);
    if (!isWhole(at === undefined ? null : resumePoint(at.position), stretches, resumePoint(position)))
      return `what was read of ${source} since then is not known whole`;
  }
  const gone = image.points.find(
    ({ source, partition }) => !stored.partitions.some((at) => at.source === source && at.partition === partition),
  );
  return gone === undefined ? null : `partition ${gone.partition} of ${gone.source} is not stored`;
}

function queryMisfit(image: StoredImage['queries'][number], query: QuerySetup): string | null {
  if (image.fingerprint !== query.fingerprint) return 'is not what it was';
  if (image.module !== moduleName(query.program)) return 'is compiled to another module';
  if (image.memoryBytesMax !== query.definition.options.memoryBytesMax) return 'has another limit of memory';
  if (query.atEnd || JSON.stringify(image.endedRows ?? null) !== JSON.stringify(query.endedRows ?? null))
    return 'has come to the end of its input since';
  if (image.watermark !== null && (query.watermark === null || query.watermark < image.watermark)) return 'was further than it is stored';
  return null;
}

/** Stretches follow each other from the image's point to where the partition stands. */
function isWhole(from: ResumePoint | null, stretches: readonly ReplayStretch[], to: ResumePoint): boolean {
  let row = from?.row ?? 0;
  for (const stretch of stretches) {
    if (stretch.from.row !== row) return false;
    row = stretch.to.row;
  }
  return row === to.row;
}

/** What is read again of a source after an image, from where it stood on. */
export function stretchesAfter(image: StoredImage, source: string, ranges: readonly ReplayRange[]): ReplayStretch[] {
  return ranges
    .filter((range) => range.source === source && isAfterImage(range, [image]))
    .map(({ partition, from, to, arrivals = [] }) => {
      const point = image.points.find((each) => each.source === source && each.partition === partition);
      const at = point === undefined ? null : resumePoint(point.position);
      const begins = resumePoint(from);
      return { partition, from: at !== null && at.row > begins.row ? at : begins, to: resumePoint(to), arrivals };
    });
}
