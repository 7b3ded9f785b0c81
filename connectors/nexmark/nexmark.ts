import { type Connector, ConnectorError, type OpenContext, type SourceReader } from '../connector.ts';
import { checkDeclaredColumns } from '../declared-columns.ts';
import { eventColumns } from './event-columns.ts';
import type { EventName } from './event-numbers.ts';
import { NexmarkReader } from './reader.ts';
import { nexmarkOptions, readSettings, SettingsError } from './settings.ts';

export const nexmark: Connector = {
  name: 'nexmark',
  summary: 'The auction site of the Nexmark benchmark: persons, auctions and bids, the same for the same seed.',
  options: nexmarkOptions,
  replayable: true,
  paced: true,
  divisible: true,

  checkColumns(columns, options) {
    const event = options.event as EventName | undefined;
    return event === undefined ? [] : checkDeclaredColumns(columns, eventColumns[event], `the event ${event}`);
  },

  checkOptions(options) {
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
      return new NexmarkReader(context, readSettings(context.options));
    } catch (error) {
      if (error instanceof SettingsError)
        throw new ConnectorError(context.source, `option "${error.option}": ${error.message}`, error.hint);
      throw error;
    }
  },
};
