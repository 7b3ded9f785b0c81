/**
 * From when on source rows made the rows that a stage has put out, for rows that reach back no fixed time: what is above may keep them,
 * and a restart has to make them again. Each entry stands for the rows of some time; neighbours are put together when there is no room.
 *
 * Log (1032 bytes): entries u32, 1 when the last one is closed u32; entry: last time of its rows i64, first time of their source rows i64.
 */
const entriesMax: u32 = 64;

// @ts-ignore: decorator
@inline
function entryAt(log: usize, position: u32): usize {
  return log + 8 + ((<usize>position) << 4);
}

/** The watermark goes on: rows from now on are an entry of their own. */
export function closeReach(log: usize): void {
  store<u32>(log, 1, 4);
}

export function addReach(log: usize, first: i64, last: i64): void {
  if (load<u32>(log) == 0 || load<u32>(log, 4) != 0) {
    if (load<u32>(log) == entriesMax) halve(log);
    const fresh = entryAt(log, load<u32>(log));
    store<i64>(fresh, last);
    store<i64>(fresh, first, 8);
    store<u32>(log, load<u32>(log) + 1);
    store<u32>(log, 0, 4);
    return;
  }
  const entry = entryAt(log, load<u32>(log) - 1);
  store<i64>(entry, max<i64>(load<i64>(entry), last));
  store<i64>(entry, min<i64>(load<i64>(entry, 8), first), 8);
}

function halve(log: usize): void {
  for (let k: u32 = 0; k < entriesMax >> 1; k++) {
    const a = entryAt(log, k << 1);
    const b = entryAt(log, (k << 1) + 1);
    const to = entryAt(log, k);
    const last = max<i64>(load<i64>(a), load<i64>(b));
    const first = min<i64>(load<i64>(a, 8), load<i64>(b, 8));
    store<i64>(to, last);
    store<i64>(to, first, 8);
  }
  store<u32>(log, entriesMax >> 1);
}

/** Time of the source rows that are needed to make the rows from `time` on again; forgets what is before. */
export function reachOf(log: usize, time: i64): i64 {
  let kept: u32 = 0;
  let reached = time;
  for (let k: u32 = 0; k < load<u32>(log); k++) {
    const entry = entryAt(log, k);
    if (load<i64>(entry) < time) continue;
    reached = min<i64>(reached, load<i64>(entry, 8));
    const to = entryAt(log, kept++);
    const last = load<i64>(entry);
    const first = load<i64>(entry, 8);
    store<i64>(to, last);
    store<i64>(to, first, 8);
  }
  store<u32>(log, kept);
  return reached;
}
