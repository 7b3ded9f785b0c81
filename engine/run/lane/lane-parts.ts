import type { Connector } from '../../../connectors/connector.ts';
import type { QueryProgram } from '../../compile/program.ts';
import type { QueryInstance } from '../../compile/query-instance.ts';
import type { QueryDefinition } from '../../plan/catalog.ts';
import type { Timing } from '../time/timing.ts';

/** What a lane is made of besides its setup. */
export interface LaneParts {
  readonly connector: (name: string) => Connector;
  readonly instantiate: (program: QueryProgram, definition: QueryDefinition) => Promise<QueryInstance>;
  readonly timing: Timing;
}
