import { ConnectorError } from '../../../connectors/connector.ts';
import type { WireError } from './protocol.ts';

export function wireError(error: unknown): WireError {
  if (!(error instanceof Error)) return { name: 'Error', message: String(error), hint: undefined, source: undefined };
  const known = error instanceof ConnectorError ? error : null;
  return { name: error.name, message: error.message, hint: known?.hint, source: known?.source };
}
