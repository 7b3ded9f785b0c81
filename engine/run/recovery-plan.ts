import type { Connector } from '../../connectors/connector.ts';
import type { QueryProgram } from '../compile/program.ts';
import type { OperatorShare } from '../plan/fragments/fragment.ts';
import type { QueryDefinition, SourceDefinition } from '../plan/catalog.ts';
import { isNeeded } from '../store/replay-ranges.ts';
import type { EndedRows, RecoveryState, ReplayRange } from '../store/store.ts';
import type { LaneAssignment } from './assign-lanes.ts';
import type { QueryPart, QuerySetup, ReplayStretch, SourceSetup } from './lane/protocol.ts';
import { resumePoint } from './lane/resume-point.ts';
import { rowsLetOut } from './held-rows.ts';
import type { ChosenImage } from './images/choose-images.ts';
import { stretchesAfter } from './images/image-fit.ts';
import { planReach } from './plan-reach.ts';
import { fingerprintsOf } from './run-shape.ts';
import { earliest, latest } from './time/extremes.ts';

/** A paced source whose event time was this near (ms) to the clock was live. */
const liveOffsetMsMax = 60_000;

/** A query, or a fragment of one, with what it is compiled to. */
export interface CompiledQuery {
  readonly definition: QueryDefinition;
  readonly program: QueryProgram;
  /** Null: the whole query. */
  readonly part: QueryPart | null;
  /** Its rows reach no further back than their windows do. */
  readonly partial: boolean;
  /** Of a fragment in a lane that commits by itself: the query's operators that its own stand for. */
  readonly operators?: readonly OperatorShare[];
}

/** What a lane does first: where its sources go on, what it reads again, which windows it makes again. */
export interface RecoveryPlan {
  readonly sources: readonly SourceSetup[];
  readonly queries: readonly QuerySetup[];
  readonly images: readonly ChosenImage[];
  /** Queries that are not what they were when their state was stored: it does not fit, and they begin anew. */
  readonly changed: readonly string[];
  /** By source: start (microseconds) of the oldest window over it that was open. */
  readonly openSince: ReadonlyMap<string, bigint>;
  /** Sources that cannot be read again although windows over them were open since then (microseconds). */
  readonly lost: readonly { readonly source: string; readonly queries: readonly string[]; readonly since: bigint }[];
}

export function planRecovery(
  assignment: LaneAssignment,
  compiled: readonly CompiledQuery[],
  stored: RecoveryState,
  connector: (name: string) => Connector,
  speed: number,
  images: readonly ChosenImage[] = [],
): RecoveryPlan {
  const fingerprints = fingerprintsOf(assignment.queries);
  const changed = [...fingerprints]
    .filter(([id, plan]) => ![undefined, plan].includes(storedCounter('query', id, 'plan', stored)))
    .map(([id]) => id);
  const recovery = { ...stored, queries: stored.queries.filter((query) => !changed.includes(query.id)) };
  const queries = compiled
    .map((query) => querySetup(query, compiled, assignment.queries, recovery, fingerprints.get(idOf(query)) as number))
    .map((query) => fromImage(query, images));
  const sources = assignment.sources
    .map((source) => sourceSetup(source, queries, recovery, connector(source.connector), speed))
    .map((source) => afterImage(source, images, recovery));
  const openSince = new Map<string, bigint>();
  const lost: RecoveryPlan['lost'][number][] = [];
  for (const { name, connector: kind } of assignment.sources) {
    const open = queries.filter((query) => query.sources.includes(name) && needOf(idOf(query), recovery) !== null);
    const since = neededFrom(open, recovery);
    if (since === null) continue;
    openSince.set(name, since);
    if (!connector(kind).replayable) lost.push({ source: name, queries: [...new Set(open.map(idOf))], since });
  }
  return { sources, queries, images, changed, openSince, lost };
}

function idOf({ part, definition }: Pick<CompiledQuery, 'part' | 'definition'>): string {
  return part?.query ?? definition.id;
}

function querySetup(
  { definition, program, part, operators }: CompiledQuery,
  compiled: readonly CompiledQuery[],
  queries: readonly QueryDefinition[],
  recovery: RecoveryState,
  fingerprint: number,
): QuerySetup {
  const id = part?.query ?? definition.id;
  const stored = recovery.queries.find((query) => query.id === id);
  const watermark = stored?.watermark ?? null;
  const whole = queries.find((query) => query.id === id) ?? definition;
  const readers = readersOf(definition, compiled);
  const sources = sourcesOf(definition, compiled);
  let replayFrom = watermark;
  for (const reader of readers) {
    const need = needOf(idOf(reader), recovery);
    if (need !== null && replayFrom !== null && need - 1n < replayFrom) replayFrom = need - 1n;
  }
  return {
    definition,
    program,
    fingerprint,
    restored: stored !== undefined,
    eventTimeDelay: definition.eventTimeDelayMicros,
    sources,
    reach: planReach(whole),
    inputReach: inputReach(definition, compiled),
    whole,
    watermark,
    replayFrom,
    endedRows: stored?.endedRows,
    atEnd: stored?.endedRows !== undefined && isAtEnd(stored.endedRows, sources, recovery),
    open: [id, ...readers.map(idOf)].some((each) => needOf(each, recovery) !== null),
    letOut: rowsLetOut(id, queries, recovery),
    image: null,
    counters: counters('query', part === null || part.result ? id : null, recovery, { rowsIn: 0, rowsOut: 0, filtered: 0 }),
    part,
    ...(operators === undefined ? {} : { operators }),
  };
}

/** Its state is there: nothing of what was before has to be left out. */
function fromImage(query: QuerySetup, images: readonly ChosenImage[]): QuerySetup {
  const found = images.flatMap(({ image }) => image.queries).find(({ id }) => id === query.definition.id);
  if (found === undefined) return query;
  return { ...query, replayFrom: found.watermark, letOut: {}, image: { watermark: found.watermark } };
}

/** What came after the image, whatever is open. */
function afterImage(source: SourceSetup, images: readonly ChosenImage[], { ranges }: RecoveryState): SourceSetup {
  const { name } = source.definition;
  const found = images.find(({ image }) => image.sources.includes(name));
  return found === undefined ? source : { ...source, replay: stretchesAfter(found.image, name, ranges) };
}

function isAtEnd(endedRows: EndedRows, sources: readonly string[], { partitions }: RecoveryState): boolean {
  return partitions
    .filter(({ source }) => sources.includes(source))
    .every(({ source, partition, position }) => endedRows[source]?.[partition] === resumePoint(position).row);
}

function sourceSetup(
  definition: SourceDefinition,
  queries: readonly QuerySetup[],
  recovery: RecoveryState,
  connector: Connector,
  speed: number,
): SourceSetup {
  const { name } = definition;
  const recorded = definition.retentionMs !== null;
  const read = new Set(
    queries.flatMap(({ program }) => program.inputs.filter(({ table }) => table === name).flatMap(({ columns }) => columns)),
  );
  const readers = queries.filter((query) => query.sources.includes(name));
  const needs = readers.map((query) => ({
    oldestOpenStart: needOf(idOf(query), recovery),
    clock: query.definition.clock === 'arrival' ? query.definition.clock : undefined,
    sources: new Set([name]),
  }));
  return {
    definition,
    needed: definition.columns
      .map((column) => column.name)
      .filter((column) => recorded || read.has(column) || column === definition.eventTime),
    recorded,
    stateful: readers.some((query) => !query.program.stateless),
    arrives: readers.some((query) => query.definition.clock === 'arrival'),
    paced: definition.kind === 'stream' && connector.paced && Number.isFinite(speed),
    resume: recovery.partitions
      .filter((partition) => partition.source === name)
      .map(({ partition, position, ended }) => ({ partition, point: resumePoint(position), ended })),
    replay: connector.replayable ? recovery.ranges.filter((range) => isNeeded(range, needs)).map(stretch) : [],
    share: null,
    counted: true,
    liveOffsetMs: liveOffset(name, recovery, speed),
    counters: counters('source', name, recovery, { rows: 0, late: 0, rejected: 0 }),
  };
}

function stretch(range: ReplayRange): ReplayStretch {
  const { partition, from, to, arrivals = [] } = range;
  return { partition, from: resumePoint(from), to: resumePoint(to), arrivals };
}

function needOf(id: string, recovery: RecoveryState): bigint | null {
  return recovery.queries.find((query) => query.id === id)?.oldestOpenStart ?? null;
}

function neededFrom(queries: readonly QuerySetup[], recovery: RecoveryState): bigint | null {
  return earliest(queries.map((query) => needOf(idOf(query), recovery)));
}

/** Queries of the same clock that read this one, directly or through others. */
function readersOf(definition: QueryDefinition, compiled: readonly CompiledQuery[]): CompiledQuery[] {
  const direct = compiled.filter(
    (query) => query.definition.reads.includes(definition.name) && query.definition.clock === definition.clock,
  );
  return [...direct, ...direct.flatMap((query) => readersOf(query.definition, compiled))];
}

function upstreamOf(definition: QueryDefinition, compiled: readonly CompiledQuery[]): CompiledQuery[] {
  return compiled.filter((query) => definition.reads.includes(query.definition.name));
}

function sourcesOf(definition: QueryDefinition, compiled: readonly CompiledQuery[]): string[] {
  const upstream = upstreamOf(definition, compiled);
  const views = new Set(upstream.map((query) => query.definition.name));
  const all = [
    ...definition.reads.filter((name) => !views.has(name)),
    ...upstream.flatMap((query) => sourcesOf(query.definition, compiled)),
  ];
  return [...new Set(all)];
}

function inputReach(definition: QueryDefinition, compiled: readonly CompiledQuery[]): bigint {
  const reaches = upstreamOf(definition, compiled).map(
    (query) => (query.partial ? 0n : planReach(query.definition)) + inputReach(query.definition, compiled),
  );
  return latest(reaches) ?? 0n;
}

/** A source that ran beside the clock before goes on beside it: rows of the time between are let out at once. */
function liveOffset(source: string, recovery: RecoveryState, speed: number): number | null {
  const offset = storedCounter('source', source, 'paceOffsetMs', recovery);
  return offset === undefined || speed !== 1 || Math.abs(offset) > liveOffsetMsMax ? null : offset;
}

function storedCounter(kind: 'source' | 'query', name: string, counter: string, recovery: RecoveryState): number | undefined {
  return recovery.counters.find((each) => each.kind === kind && each.name === name && each.counter === counter)?.value;
}

function counters<C extends Readonly<Record<keyof C, number>>>(
  kind: 'source' | 'query',
  name: string | null,
  recovery: RecoveryState,
  zero: C,
): C {
  const stored = recovery.counters.filter((counter) => counter.kind === kind && counter.name === name && counter.counter in zero);
  return { ...zero, ...Object.fromEntries(stored.map(({ counter, value }) => [counter, value])) };
}
