import { missing, threeDigits, unitSpace } from './format-number.ts';

const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'];

/** Sizes are binary, and say so: 512 B, 664 KiB, 9.40 MiB, 1.00 GiB. */
export function formatBytes(bytes: number | null | undefined): string {
  if (bytes === null || bytes === undefined || !Number.isFinite(bytes)) return missing;
  const size = Math.abs(bytes);
  if (Math.round(size) < 1000) return `${Math.round(bytes)}${unitSpace}B`;
  let power = Math.max(1, Math.min(Math.floor(Math.log2(size) / 10), units.length - 1));
  if (size / 1024 ** power >= 999.5 && power < units.length - 1) power += 1;
  return `${bytes < 0 ? '−' : ''}${threeDigits(size / 1024 ** power)}${unitSpace}${units[power] as string}`;
}
