import { connectors } from '../../../connectors/registry.ts';
import { instantiateQuery } from '../../compile/instance.ts';
import { systemTiming } from '../time/timing.ts';
import type { LaneParts } from './lane-parts.ts';

/** What a lane's own thread is made of. */
export const laneParts: LaneParts = {
  connector(name) {
    const connector = connectors.get(name);
    if (connector === undefined) throw new Error(`no connector is called "${name}"`);
    return connector;
  },
  instantiate: (program, { options: { memoryBytesMax } }, image) =>
    instantiateQuery(program, { memoryBytesMax, ...(image === undefined ? {} : { image }) }),
  timing: systemTiming,
};
