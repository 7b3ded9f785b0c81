import { createHash } from 'node:crypto';
import { join } from 'node:path';
import type { OptionValues } from '../../../connectors/options.ts';
import type { QueryProgram } from '../../compile/program.ts';
import { QueryError } from '../../diagnostic.ts';
import type { Catalog, QueryDefinition, SourceDefinition } from '../../plan/catalog.ts';
import { CatalogCut } from '../../plan/fragments/cut-catalog.ts';
import type { Exchange, Fragment } from '../../plan/fragments/fragment.ts';
import type { PlanNode } from '../../plan/plan.ts';
import { mapInputs } from '../../plan/walk-plan.ts';
import { assignTogether } from '../assign-lanes.ts';
import { homeLane } from '../exchange/key-hash.ts';
import { isPassing, passProgram } from '../exchange/pass-program.ts';
import type { ApartSetup } from '../lane/protocol.ts';
import type { CompiledQuery } from '../recovery-plan.ts';
import { fingerprintsOf } from '../run-shape.ts';
import { type LanePlan, planLane, withMemory } from '../set-up-lanes.ts';
import { notRunByGroup } from './check-group.ts';
import { edgeConnectorName } from './edge-reader.ts';

type Compile = (query: QueryDefinition) => Promise<QueryProgram>;

const versionDigits = 8;
const topicNameMax = 200;

/** Rows that go from every lane of a group to every other one, through a topic of their own with a partition for each lane. */
export interface GroupEdge {
  /** As fragments scan it: its name tells one version of the rows from another. */
  readonly source: SourceDefinition;
  readonly topic: string;
  /** Name and query of the fragment that makes the rows. */
  readonly fragment: string;
  readonly query: string;
  /** The first columns of the fragment's rows are sent; those after them are only hashed. */
  readonly columns: number;
  /** Columns that are hashed; none: rows go to the lane `home`. */
  readonly keys: readonly number[];
  readonly home: number;
}

export interface GroupPlan {
  readonly plan: LanePlan;
  readonly edges: readonly GroupEdge[];
  /** Sources whose rows go by edges: their watermark is that of all lanes. */
  readonly followed: ReadonlySet<string>;
  readonly together: ApartSetup['together'];
}

export interface EdgeContext {
  readonly group: string;
  readonly lanes: number;
  /** Relative paths of the connection's options start here. */
  readonly directory: string;
  /** Options of a Kafka source that reads the topic. */
  readonly options: (topic: string) => OptionValues;
  /** Told of queries that no group can run, which are left out then. */
  readonly refused?: (query: QueryDefinition, error: QueryError) => void;
}

/** Queries as every lane of a group runs them: cut where rows of different lanes must meet. Throws QueryError for what no group can run. */
export async function planEdges(catalog: Catalog, context: EdgeContext, compile: Compile): Promise<GroupPlan> {
  const assignment = assignTogether(catalog);
  if (context.lanes === 1) return { plan: await planLane(assignment, compile), edges: [], followed: new Set(), together: {} };
  const cut = new CatalogCut(catalog, true);
  const planner = new Planner(context, compile);
  for (const query of catalog.queries) {
    try {
      await planner.add(query, (gathered) => cut.cut(query, gathered));
    } catch (error) {
      if (!(error instanceof QueryError) || context.refused === undefined) throw error;
      context.refused(query, error);
    }
  }
  const { queries, edges } = planner;
  const sources = [...assignment.sources, ...edges.map(({ source }) => source)];
  const plan = { lanes: 1, assignment: { sources, queries: queries.map(({ definition }) => definition) }, queries, edges: [] };
  return { plan, edges, ...readTogether(catalog, edges) };
}

class Planner {
  readonly queries: CompiledQuery[] = [];
  readonly edges: GroupEdge[] = [];
  readonly #context: EdgeContext;
  readonly #compile: Compile;

  constructor(context: EdgeContext, compile: Compile) {
    this.#context = context;
    this.#compile = compile;
  }

  /** Whole in one lane, where the fragments cannot run. */
  async add(query: QueryDefinition, cut: (gathered: boolean) => readonly Fragment[]): Promise<void> {
    try {
      await this.#add(query, cut(false));
    } catch (error) {
      if (!(error instanceof QueryError) || error.code === 'E0616') throw error;
      await this.#add(query, cut(true));
    }
  }

  async #add(query: QueryDefinition, fragments: readonly Fragment[]): Promise<void> {
    const fault = notRunByGroup(query, fragments);
    if (fault !== null) throw fault;
    const queries: CompiledQuery[] = [];
    const edges: GroupEdge[] = [];
    const names = new Map<string, string>();
    const parts = this.#context.lanes * fragments.length;
    for (const { definition: cut, exchange, operators, partial } of fragments) {
      const definition = scanning(cut, names);
      const known = [...this.queries, ...queries].map((each) => each.definition);
      const fingerprint = fingerprintsOf([...known, definition]).get(definition.id) as number;
      const edge = exchange === null ? null : this.#edge(query, definition, exchange, fingerprint);
      // Whoever reads the rows reads the topic's: within a lane nobody knows the fragment by the name of its stream.
      const named = edge === null ? definition : { ...definition, name: edge.fragment };
      const pass = edge === null ? null : passProgram(named);
      const program = pass ?? (await this.#compile(named));
      if (edge !== null) {
        names.set(cut.name, edge.source.name);
        edges.push(edge);
      }
      const own = fragments.length === 1 ? named : withMemory(named, isPassing(program) ? 1 : parts);
      queries.push({ definition: own, program, part: null, partial, ...(fragments.length === 1 ? {} : { operators }) });
    }
    this.queries.push(...queries);
    this.edges.push(...edges);
  }

  #edge(query: QueryDefinition, definition: QueryDefinition, { sent, keys }: Exchange, fingerprint: number): GroupEdge {
    const { group, lanes, options, directory } = this.#context;
    const columns = definition.schema.slice(0, sent);
    const home = homeLane(query.name, lanes);
    const shape = JSON.stringify([fingerprint, columns.map(({ name, type }) => [name, type]), keys, home]);
    const version = createHash('sha256').update(shape).digest('hex').slice(0, versionDigits);
    const name = `${definition.name}@${version}`;
    const readable = definition.name.replace(/[^a-zA-Z0-9_-]/g, '-').slice(0, topicNameMax - group.length);
    const topic = `${group}.${readable}.${version}`;
    const source: SourceDefinition = {
      name,
      role: 'source',
      kind: 'stream',
      exchanged: true,
      connector: edgeConnectorName,
      columns,
      primaryKey: [],
      options: options(topic),
      eventTime: null,
      maxLatenessMs: 0,
      idleTimeoutMs: null,
      late: 'drop',
      refreshMs: null,
      retentionMs: null,
      file: join(directory, 'group'),
      line: 1,
      span: query.bodySpan,
    };
    return { source, topic, fragment: `${name} sent`, query: query.id, columns: sent, keys, home };
  }
}

/** The fragment over the topics that stand for streams between lanes. */
function scanning(definition: QueryDefinition, names: ReadonlyMap<string, string>): QueryDefinition {
  if (names.size === 0) return definition;
  const visit = (node: PlanNode): PlanNode =>
    node.kind === 'scan' ? { ...node, table: names.get(node.table) ?? node.table } : mapInputs(node, visit);
  return { ...definition, plan: visit(definition.plan), reads: definition.reads.map((name) => names.get(name) ?? name) };
}

/** Sources by what whole queries read, directly or through others. */
function readTogether(catalog: Catalog, edges: readonly GroupEdge[]): Pick<GroupPlan, 'followed' | 'together'> {
  const sourcesOf = (name: string): string[] => {
    const view = catalog.queries.find((query) => query.kind === 'view' && query.name === name);
    if (view !== undefined) return view.reads.flatMap(sourcesOf);
    return catalog.sources.get(name)?.kind === 'stream' ? [name] : [];
  };
  const followed = new Set<string>();
  const together = new Map<string, Set<string>>();
  for (const query of catalog.queries) {
    const sources = new Set(query.reads.flatMap(sourcesOf));
    const exchanged = edges.some((edge) => edge.query === query.id);
    for (const source of sources) {
      if (exchanged) followed.add(source);
      together.set(source, new Set([...(together.get(source) ?? []), ...sources]));
    }
  }
  const others = [...together].map(([source, all]) => [source, [...all].filter((name) => name !== source)] as const);
  return { followed, together: Object.fromEntries(others) };
}
