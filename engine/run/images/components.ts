import { createHash } from 'node:crypto';
import type { Connector } from '../../../connectors/connector.ts';
import type { QueryProgram } from '../../compile/program.ts';
import type { QueryDefinition, SourceDefinition } from '../../plan/catalog.ts';
import type { QueryPart } from '../lane/protocol.ts';

interface Query {
  readonly definition: QueryDefinition;
  readonly program: QueryProgram;
  readonly part: QueryPart | null;
  /** Sources that it reads, directly or through other queries. */
  readonly sources: readonly string[];
}

/** Queries that are connected by reading: an image is of all of them, of one moment. */
export interface Component<Q extends Query = Query> {
  readonly sources: ReadonlySet<string>;
  readonly queries: readonly Q[];
}

export function componentsOf<Q extends Query>(queries: readonly Q[]): Component<Q>[] {
  let parts: { sources: Set<string>; queries: Q[] }[] = [];
  for (const query of queries) {
    const touching = parts.filter((part) => query.sources.some((source) => part.sources.has(source)));
    const joined = {
      sources: new Set([...touching.flatMap((part) => [...part.sources]), ...query.sources]),
      queries: [...touching.flatMap((part) => part.queries), query],
    };
    parts = [...parts.filter((part) => !touching.includes(part)), joined];
  }
  return parts;
}

/** Short, and the same for the same queries. */
export function componentName(ids: readonly string[]): string {
  return createHash('sha256')
    .update(JSON.stringify([...ids].sort()))
    .digest('hex')
    .slice(0, 12);
}

const moduleNames = new WeakMap<QueryProgram, string>();

/** Another one has another memory. */
export function moduleName(program: QueryProgram): string {
  const known = moduleNames.get(program) ?? createHash('sha256').update(program.wasm).digest('hex').slice(0, 16);
  moduleNames.set(program, known);
  return known;
}

/** Why no images are taken of a component, in words; empty: nothing in it keeps rows; null: they are. */
export function imageObstacle(
  { queries, sources }: Component,
  source: (name: string) => SourceDefinition | undefined,
  connector: (name: string) => Connector,
): string | null {
  if (queries.every(({ program }) => program.stateless)) return '';
  for (const { definition, program, part } of queries) {
    const { id } = definition;
    if (part !== null) return 'lanes of one process share their rows (--lanes)';
    if (definition.clock === 'arrival') return `${id} goes by the time of arrival`;
    if (definition.lookups.length > 0) return `${id} looks rows up in ${definition.lookups.join(', ')}`;
    if (program.functions.length > 0) return `${id} calls functions in WebAssembly`;
  }
  for (const name of sources) {
    const definition = source(name);
    if (definition === undefined || definition.kind !== 'stream') return `${name} is a table that rows are looked up in`;
    if (!connector(definition.connector).replayable) return `${name} cannot be read again`;
  }
  return null;
}
