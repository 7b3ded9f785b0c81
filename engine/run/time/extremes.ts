/** Times that are not known (null) do not count; null when none is known. */
export function latest(times: Iterable<bigint | null>): bigint | null {
  let most: bigint | null = null;
  for (const time of times) if (time !== null && (most === null || time > most)) most = time;
  return most;
}

/** As `latest`. */
export function earliest(times: Iterable<bigint | null>): bigint | null {
  let least: bigint | null = null;
  for (const time of times) if (time !== null && (least === null || time < least)) least = time;
  return least;
}
