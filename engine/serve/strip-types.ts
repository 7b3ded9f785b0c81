import { stripTypeScriptTypes } from 'node:module';

let warned = false;

/** TypeScript as the browser reads it: same lines and columns, without the types. */
export function stripTypes(source: string): string {
  if (warned) return stripTypeScriptTypes(source);
  // Node says once that this function may change; the pinned version does not.
  warned = true;
  const { emitWarning } = process;
  process.emitWarning = () => undefined;
  try {
    return stripTypeScriptTypes(source);
  } finally {
    process.emitWarning = emitWarning;
  }
}
