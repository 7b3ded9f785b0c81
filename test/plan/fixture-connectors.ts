import type { OptionSpecs } from '../../connectors/options.ts';
import type { ConnectorDeclaration } from '../../engine/sql/define-source.ts';
import type { LoadEnvironment } from '../../engine/sql/load-catalog.ts';

function declaration(name: string, ...options: string[]): [string, ConnectorDeclaration] {
  const specs: OptionSpecs = Object.fromEntries(options.map((each) => [each, { type: 'text', description: `The ${each}.` }]));
  return [name, { name, options: specs }];
}

/** Connectors that the fixture queries name, by their options only: some of them do not exist yet. */
export const fixtureEnvironment: LoadEnvironment = {
  connectors: new Map([
    declaration('otlp', 'signal', 'listen'),
    declaration('kafka', 'topic', 'brokers', 'format'),
    declaration('file', 'path', 'format', 'mode', 'rate'),
    declaration('generator', 'rows_per_second', 'seed'),
    declaration('nexmark', 'event'),
  ]),
  sinks: new Map([declaration('kafka', 'topic', 'format'), declaration('parquet', 'path', 'partition_by', 'roll_every')]),
};
