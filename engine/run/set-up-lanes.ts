import type { Connector } from '../../connectors/connector.ts';
import type { QueryProgram } from '../compile/program.ts';
import { QueryError } from '../diagnostic.ts';
import type { Catalog, QueryDefinition } from '../plan/catalog.ts';
import { CatalogCut } from '../plan/fragments/cut-catalog.ts';
import type { Exchange, Fragment } from '../plan/fragments/fragment.ts';
import type { LaneAssignment } from './assign-lanes.ts';
import { homeLane } from './exchange/key-hash.ts';
import { isPassing, passProgram } from './exchange/pass-program.ts';
import type { EdgeSetup, LaneSetup, SourceSetup } from './lane/protocol.ts';
import type { CompiledQuery, RecoveryPlan } from './recovery-plan.ts';

type Compile = (query: QueryDefinition) => Promise<QueryProgram>;

/** Memory (bytes) that no part of a query gets less than. */
const partMemoryBytesMin = 16 << 20;

/** What a group of lanes runs: every lane the same fragments, each over its own rows. */
export interface LanePlan {
  /** How many lanes run it. */
  readonly lanes: number;
  readonly assignment: LaneAssignment;
  readonly queries: readonly CompiledQuery[];
  readonly edges: readonly EdgeSetup[];
}

/** One lane: queries as they are. */
export async function planLane(assignment: LaneAssignment, compile: Compile): Promise<LanePlan> {
  const queries = assignment.queries.map(async (definition) => ({
    definition,
    program: await compile(definition),
    part: null,
    partial: false,
  }));
  return { lanes: 1, assignment, queries: await Promise.all(queries), edges: [] };
}

/** Queries cut into fragments. A query whose fragments cannot run runs whole in one lane. */
export async function planGroup(catalog: Catalog, assignment: LaneAssignment, lanes: number, compile: Compile): Promise<LanePlan> {
  const cut = new CatalogCut(catalog);
  const queries: CompiledQuery[] = [];
  const edges: EdgeSetup[] = [];
  for (const query of assignment.queries) {
    const home = homeLane(query.name, lanes);
    const compiled = await compileFragments(cut, query, compile);
    const parts = lanes * compiled.filter(({ program }) => !isPassing(program)).length;
    for (const { fragment, program } of compiled) {
      const { definition, exchange, single, operators, partial, paces } = fragment;
      const edge = exchange === null ? null : edges.push(edgeOf(definition, exchange, home)) - 1;
      const whole = { query: query.id, plan: query.plan, memoryBytesMax: query.options.memoryBytesMax };
      const part = { ...whole, result: exchange === null, edge, operators, paces, lane: single ? home : null };
      queries.push({ definition: withMemory(definition, parts), program, part, partial });
    }
  }
  return { lanes, assignment, queries, edges };
}

interface CompiledFragment {
  readonly fragment: Fragment;
  readonly program: QueryProgram;
}

async function compileFragments(cut: CatalogCut, query: QueryDefinition, compile: Compile): Promise<CompiledFragment[]> {
  const compiled = async (fragments: readonly Fragment[]) =>
    Promise.all(
      fragments.map(async (fragment) => {
        const pass = fragment.exchange === null ? null : passProgram(fragment.definition);
        return { fragment, program: pass ?? (await compile(fragment.definition)) };
      }),
    );
  try {
    return await compiled(cut.cut(query));
  } catch (error) {
    if (!(error instanceof QueryError)) throw error;
    return compiled(cut.cut(query, true));
  }
}

function edgeOf(definition: QueryDefinition, { sent, keys }: Exchange, home: number): EdgeSetup {
  return { name: definition.name, columns: definition.schema.slice(0, sent), keys, home };
}

/** All parts of a query in all lanes have no more than the query's limit, but for the least that a part needs. */
export function withMemory(definition: QueryDefinition, parts: number): QueryDefinition {
  const { memoryBytesMax } = definition.options;
  const share = Math.max(partMemoryBytesMin, Math.floor(memoryBytesMax / Math.max(1, parts)));
  return { ...definition, options: { ...definition.options, memoryBytesMax: Math.min(memoryBytesMax, share) } };
}

export interface SetupContext {
  /** Number of the plan's first lane. */
  readonly first: number;
  readonly speed: number;
  /** Milliseconds since 1970. */
  readonly openedAt: number;
  readonly connector: (name: string) => Connector;
  /** See LaneSetup. */
  readonly imageEveryMs?: number | null;
}

/** Setups of a plan's lanes. What was counted before is counted on by the first of them. */
export function setUpPlan(
  { lanes, edges }: LanePlan,
  recovery: RecoveryPlan,
  { first, speed, openedAt, connector, imageEveryMs = null }: SetupContext,
): LaneSetup[] {
  const replays = recovery.images.length > 0 || recovery.sources.some((source) => source.replay.length > 0);
  const memories = new Map(recovery.images.flatMap((each) => [...each.memories]));
  return Array.from({ length: lanes }, (_, index) => {
    const group = lanes === 1 ? null : { index, size: lanes, edges };
    const sources = recovery.sources.map((source) =>
      lanes === 1 ? source : sharedSource(source, index, lanes, openedAt, connector(source.definition.connector).divisible ?? false),
    );
    const queries = recovery.queries.map((query) => (index === 0 ? query : { ...query, counters: { rowsIn: 0, rowsOut: 0, filtered: 0 } }));
    return { lane: first + index, group, firstEpoch: 1, speed, replays, sources, queries, memories, imageEveryMs };
  });
}

/** Tables that are looked up in are read whole by every lane; of other sources each partition is read by one. */
function sharedSource(source: SourceSetup, index: number, count: number, openedAt: number, divisible: boolean): SourceSetup {
  const counters = index === 0 ? source.counters : { rows: 0, late: 0, rejected: 0 };
  if (source.definition.kind !== 'stream') return { ...source, counters, counted: index === 0 };
  const offset = homeLane(source.definition.name, count);
  const own = (index + count - offset) % count;
  return { ...source, counters, share: { index: own, count: divisible ? count : 0, openedAt } };
}
