import { resolve } from 'node:path';
import { ConnectorError } from '../connector.ts';
import type { DecoderSetup } from './load-decoder.ts';
import type { FormatSettings } from './settings.ts';

/** What `read` makes of the file that `schema_file` names; null without one. Throws ConnectorError. */
export function fromSchemaFile<T>(
  { source, directory }: DecoderSetup,
  { schemaFile }: FormatSettings,
  read: (path: string) => T,
): T | null {
  if (schemaFile === null) return null;
  try {
    return read(resolve(directory, schemaFile));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new ConnectorError(source, `schema_file ${schemaFile} cannot be used: ${reason}`);
  }
}
