import { isPassing, PassInstance } from '../exchange/pass-program.ts';
import type { Mesh } from '../exchange/mesh.ts';
import type { ArrivalClock } from './arrival-clock.ts';
import { batchColumns } from './ingest-time.ts';
import type { LaneParts } from './lane-parts.ts';
import type { LaneSetup } from './protocol.ts';
import { type GraphListener, QueryGraph } from './query-graph.ts';
import { QueryNode } from './query-node.ts';
import { SourceRunner } from './source-runner.ts';

/** `firstEvent`: see SourceRunner. */
export function makeSources(
  { sources, speed }: LaneSetup,
  { connector, timing }: LaneParts,
  wake: () => void,
  firstEvent: (source: string, eventMs: number | null) => void,
  clock: ArrivalClock,
): SourceRunner[] {
  return sources
    .filter(({ definition }) => definition.kind === 'stream')
    .map((setup) => {
      const { name, connector: kind } = setup.definition;
      return new SourceRunner(setup, connector(kind), timing, speed, wake, (eventMs) => firstEvent(name, eventMs), clock);
    });
}

/** Makes an instance of every query of the lane and connects them. */
export async function openGraph(
  setup: LaneSetup,
  { instantiate }: LaneParts,
  sources: readonly SourceRunner[],
  mesh: Mesh | null,
  listener: GraphListener,
): Promise<QueryGraph> {
  const nodes: QueryNode[] = [];
  const edges = new Map((setup.group?.edges ?? []).map((edge) => [edge.name, edge.columns.map((column) => column.name)]));
  const columnsOf = (table: string): readonly string[] => {
    const source = setup.sources.find((each) => each.definition.name === table);
    if (source !== undefined) return batchColumns(source);
    return edges.get(table) ?? nodes.find((node) => node.name === table)?.setup.definition.schema.map((column) => column.name) ?? [];
  };
  const exchanged = setup.sources.filter(({ definition }) => definition.exchanged === true);
  const streams = new Set([...edges.keys(), ...exchanged.map(({ definition }) => definition.name)]);
  for (const query of setup.queries) {
    const { program, definition } = query;
    const memory = setup.memories?.get(definition.id);
    const instance = isPassing(program) ? new PassInstance(program) : await instantiate(program, definition, memory);
    // Freed as soon as the instance has its own.
    setup.memories?.delete(definition.id);
    nodes.push(new QueryNode(query, instance, columnsOf, setup.group?.index, streams));
  }
  const graph = new QueryGraph(nodes, sources, listener, mesh);
  mesh?.attach(graph);
  return graph;
}
