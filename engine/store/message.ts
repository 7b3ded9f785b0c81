import { SqlError, StoreError } from './store.ts';

/** What the store's thread is asked, and what it answers. */
export interface StoreRequest {
  readonly id: number;
  readonly method: string;
  readonly argument: unknown;
}

export interface StoreReply {
  readonly id: number;
  readonly result?: unknown;
  readonly error?: WireError;
}

export interface WireError {
  readonly kind: 'store' | 'sql' | 'other';
  readonly message: string;
  readonly hint: string | undefined;
  readonly position: number | undefined;
}

export function wireError(error: unknown): WireError {
  const message = error instanceof Error ? error.message : String(error);
  if (error instanceof SqlError) return { kind: 'sql', message, hint: error.hint, position: error.position };
  if (error instanceof StoreError) return { kind: 'store', message, hint: error.hint, position: undefined };
  return { kind: 'other', message, hint: undefined, position: undefined };
}

export function errorFromWire(error: WireError): Error {
  if (error.kind === 'sql') return new SqlError(error.message, error.position, error.hint);
  if (error.kind === 'store') return new StoreError(error.message, error.hint);
  return new Error(error.message);
}
