import { emptyGroups, type Groups } from './groups.ts';
import { type Rows, windowMicros } from './rows.ts';

const batchRows = 8192;

/**
 * The best plain JavaScript known to us: open addressing in one Float64Array per window, a branch-free selection, and times and
 * keys read as pairs of 32-bit words, for BigInt costs an allocation.
 */
export function runScript(rows: Rows, room: number): Groups {
  const groups = emptyGroups(room);
  const times = new Int32Array(rows.ts.buffer);
  const keys = new Int32Array(rows.key.buffer);
  const { v, kind, count } = rows;
  const size = Number(windowMicros);
  const selected = new Int32Array(batchRows);
  let bits = 6;
  let table = new Float64Array(5 << bits);
  let used = 0;
  let windowStart = -1;
  let windowEnd = -1;

  const grow = (): void => {
    const old = table;
    bits++;
    table = new Float64Array(5 << bits);
    const mask = (1 << bits) - 1;
    for (let p = 0; p < old.length; p += 5) {
      if (old[p + 1] === 0) continue;
      let s = Math.imul(old[p] as number, 0x9e3779b1) >>> (32 - bits);
      while (table[s * 5 + 1] !== 0) s = (s + 1) & mask;
      table.set(old.subarray(p, p + 5), s * 5);
    }
  };
  const close = (): void => {
    for (let p = 0; p < table.length; p += 5) {
      if (table[p + 1] === 0) continue;
      const g = groups.count++;
      if (room === 0) continue;
      groups.window[g] = BigInt(windowStart);
      groups.key[g] = BigInt(table[p] as number);
      groups.rows[g] = BigInt(table[p + 1] as number);
      groups.sum[g] = table[p + 2] as number;
      groups.low[g] = table[p + 3] as number;
      groups.high[g] = table[p + 4] as number;
    }
    table.fill(0);
    used = 0;
  };

  for (let from = 0; from < count; from += batchRows) {
    const to = Math.min(count, from + batchRows);
    let chosen = 0;
    for (let i = from; i < to; i++) {
      selected[chosen] = i;
      chosen += Number(((v[i] as number) > 10 ? 1 : 0) & ((kind[i] as number) === 2 ? 1 : 0));
    }
    while ((used + chosen) * 16 > 11 << bits) grow();
    for (let q = 0; q < chosen; q++) {
      const i = selected[q] as number;
      const time = (times[2 * i + 1] as number) * 4294967296 + ((times[2 * i] as number) >>> 0);
      if (time >= windowEnd) {
        if (windowEnd >= 0) close();
        windowStart = Math.floor(time / size) * size;
        windowEnd = windowStart + size;
      }
      const key = keys[2 * i] as number;
      const x = v[i] as number;
      const mask = (1 << bits) - 1;
      for (let s = Math.imul(key, 0x9e3779b1) >>> (32 - bits); ; s = (s + 1) & mask) {
        const p = s * 5;
        if (table[p] === key && table[p + 1] !== 0) {
          table[p + 1] = (table[p + 1] as number) + 1;
          table[p + 2] = (table[p + 2] as number) + x;
          if (x < (table[p + 3] as number)) table[p + 3] = x;
          if (x > (table[p + 4] as number)) table[p + 4] = x;
          break;
        }
        if (table[p + 1] === 0) {
          table[p] = key;
          table[p + 1] = 1;
          table[p + 2] = x;
          table[p + 3] = x;
          table[p + 4] = x;
          used++;
          break;
        }
      }
    }
  }
  close();
  return groups;
}
