import type { Connector } from '../../../connectors/connector.ts';
import type { InstanceImage } from '../../compile/image/instance-image.ts';
import type { QueryProgram } from '../../compile/program.ts';
import type { QueryInstance } from '../../compile/query-instance.ts';
import type { QueryDefinition } from '../../plan/catalog.ts';
import type { Timing } from '../time/timing.ts';

/** What a lane is made of besides its setup. */
export interface LaneParts {
  readonly connector: (name: string) => Connector;
  /** `image`: what it goes on from. */
  readonly instantiate: (program: QueryProgram, definition: QueryDefinition, image?: InstanceImage) => Promise<QueryInstance>;
  readonly timing: Timing;
}
