/** JSON text; integers beyond 2^53 become text, as SQL results do. */
export function toJson(value: unknown): string {
  return JSON.stringify(value, (_, each: unknown) =>
    typeof each === 'bigint' ? (each >= Number.MIN_SAFE_INTEGER && each <= Number.MAX_SAFE_INTEGER ? Number(each) : each.toString()) : each,
  );
}
