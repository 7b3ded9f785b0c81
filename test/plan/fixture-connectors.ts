import type { OptionSpecs } from '../../connectors/options.ts';
import type { ConnectorDeclaration, SinkDeclaration } from '../../engine/sql/define-source.ts';
import type { LoadEnvironment } from '../../engine/sql/load-catalog.ts';

function declaration(name: string, ...options: string[]): [string, ConnectorDeclaration] {
  const specs: OptionSpecs = Object.fromEntries(options.map((each) => [each, { type: 'text', description: `The ${each}.` }]));
  return [name, { name, options: specs }];
}

function sink(name: string, takesChanges: boolean, ...options: string[]): [string, SinkDeclaration] {
  return [name, { ...declaration(name, ...options)[1], takesChanges }];
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
  sinks: new Map([sink('kafka', false, 'topic', 'format'), sink('parquet', true, 'path', 'partition_by', 'roll_every')]),
};
