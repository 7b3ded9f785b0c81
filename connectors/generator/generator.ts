import { type Connector, ConnectorError, type OpenContext, type SourceReader } from '../connector.ts';
import { checkDeclaredColumns } from '../declared-columns.ts';
import { GeneratorReader } from './reader.ts';
import { generatorOptions, readSettings, SettingsError } from './settings.ts';
import type { StreamName } from './stream.ts';
import { streamColumns } from './stream-columns.ts';

export const generator: Connector = {
  name: 'generator',
  summary: 'A made-up fleet of hosts and services whose faults are known, the same for the same seed.',
  options: generatorOptions,
  replayable: true,
  paced: true,
  divisible: true,

  checkColumns(columns, options) {
    const stream = options.stream as StreamName | undefined;
    if (stream === undefined) return [];
    return checkDeclaredColumns(columns, streamColumns[stream], `the stream ${stream}`);
  },

  checkOptions(options) {
    if (options.stream === undefined) return [];
    try {
      readSettings(options);
      return [];
    } catch (error) {
      if (!(error instanceof SettingsError)) throw error;
      return [{ option: error.option, message: error.message, hint: error.hint }];
    }
  },

  async open(context: OpenContext): Promise<SourceReader> {
    try {
      return new GeneratorReader(context, readSettings(context.options));
    } catch (error) {
      if (error instanceof SettingsError)
        throw new ConnectorError(context.source, `option "${error.option}": ${error.message}`, error.hint);
      throw error;
    }
  },
};
