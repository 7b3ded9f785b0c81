/** DuckDB's error as an object: the store asks for errors as JSON. `position` counts bytes of the statement. */
export interface DuckdbError {
  readonly type: string;
  readonly message: string;
  readonly position: number | undefined;
  readonly candidates: string | undefined;
  readonly name: string | undefined;
}

export function parseDuckdbError(error: unknown): DuckdbError {
  const text = error instanceof Error ? error.message : String(error);
  const start = text.indexOf('{"exception_type"');
  if (start >= 0) {
    try {
      const fields = JSON.parse(text.slice(start)) as Record<string, string | undefined>;
      return {
        type: fields.exception_type ?? 'Error',
        message: fields.exception_message ?? text,
        position: fields.position === undefined ? undefined : Number(fields.position),
        candidates: fields.candidates,
        name: fields.name,
      };
    } catch {
      // Text that only looks like JSON is shown as it is.
    }
  }
  const plain = /^(\w+(?: \w+)?) Error: ([\s\S]*)$/.exec(text);
  return { type: plain?.[1] ?? 'Error', message: plain?.[2] ?? text, position: undefined, candidates: undefined, name: undefined };
}

export function errorText(error: unknown): string {
  return parseDuckdbError(error).message;
}
