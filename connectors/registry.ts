import type { Connector } from './connector.ts';
import { fileConnector } from './file/file.ts';
import { generator } from './generator/generator.ts';
import { host } from './host/host.ts';
import { kafka } from './kafka/kafka.ts';
import { nexmark } from './nexmark/nexmark.ts';

/** Every connector, by the name that stands behind `connector =`. */
export const connectors: ReadonlyMap<string, Connector> = new Map(
  [host, generator, nexmark, fileConnector, kafka].map((connector) => [connector.name, connector]),
);
