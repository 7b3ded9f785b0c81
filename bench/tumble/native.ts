import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { emptyGroups, type Groups } from './groups.ts';
import { latenessMicros, type Rows, windowMicros } from './rows.ts';

const source = fileURLToPath(new URL('../native/tumble.c', import.meta.url));
const groupBytes = 48;

/** C compiled on the spot with gcc -O3 -march=native, or null where there is no gcc. */
export class NativeRun {
  readonly #directory: string;
  readonly #rows: number;

  private constructor(directory: string, rows: number) {
    this.#directory = directory;
    this.#rows = rows;
  }

  static create(rows: Rows): NativeRun | null {
    const directory = mkdtempSync(join(tmpdir(), 'millrace-bench-'));
    const compiled = spawnSync('gcc', ['-O3', '-march=native', '-o', join(directory, 'tumble'), source], { encoding: 'utf8' });
    if (compiled.error !== undefined || compiled.status !== 0) {
      rmSync(directory, { recursive: true });
      console.log(`skipped C: ${compiled.error === undefined ? compiled.stderr.trim() : 'no gcc on this machine'}`);
      return null;
    }
    for (const [name, column] of Object.entries({ ts: rows.ts, key: rows.key, v: rows.v, kind: rows.kind })) {
      writeFileSync(join(directory, `${name}.bin`), column);
    }
    return new NativeRun(directory, rows.count);
  }

  /** CPU milliseconds of the loop itself, in its steady state: reading the columns and the first run are not counted. */
  run(): number {
    const args = [this.#directory, String(this.#rows), String(windowMicros), String(latenessMicros), join(this.#directory, 'groups')];
    const { status, stdout, stderr } = spawnSync(join(this.#directory, 'tumble'), args, { encoding: 'utf8' });
    if (status !== 0) throw new Error(`the C rival failed: ${stderr}`);
    return Number(stdout);
  }

  groups(): Groups {
    const file = readFileSync(join(this.#directory, 'groups'));
    const count = file.length / groupBytes;
    const bytes = file.buffer.slice(file.byteOffset, file.byteOffset + file.length);
    const longs = new BigInt64Array(bytes);
    const doubles = new Float64Array(bytes);
    const groups = emptyGroups(count);
    for (let g = 0; g < count; g++) {
      groups.window[g] = longs[g * 6] as bigint;
      groups.key[g] = longs[g * 6 + 1] as bigint;
      groups.rows[g] = longs[g * 6 + 2] as bigint;
      groups.sum[g] = doubles[g * 6 + 3] as number;
      groups.low[g] = doubles[g * 6 + 4] as number;
      groups.high[g] = doubles[g * 6 + 5] as number;
    }
    groups.count = count;
    return groups;
  }

  close(): void {
    rmSync(this.#directory, { recursive: true });
  }
}
