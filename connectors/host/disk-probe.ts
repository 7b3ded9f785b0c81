import { readdir, readFile } from 'node:fs/promises';
import { Increases, type Probe, type Sample } from './sample.ts';
import { systemInformation } from './system-information.ts';

/** /proc/diskstats counts sectors of 512 bytes whatever the disk's own are. */
const sectorBytes = 512;
const memoryDisks = /^(loop|ram|zram|fd|sr)\d/;

interface DiskCounters {
  /** Absent where the platform only knows the sum of all disks. */
  readonly device?: string;
  readonly readBytes: number;
  readonly writtenBytes: number;
  readonly reads?: number;
  readonly writes?: number;
}

/** `system.disk.io` and `system.disk.operations` by device and direction: the increase since the sample before. */
export class DiskProbe implements Probe {
  readonly name = 'disk';
  readonly #increases = new Increases();

  async read(): Promise<readonly Sample[]> {
    const disks = process.platform === 'linux' ? await linuxDisks() : await allDisks();
    const samples = disks.flatMap((disk) => [
      ...this.#one('system.disk.io', 'By', disk.device, 'read', disk.readBytes),
      ...this.#one('system.disk.io', 'By', disk.device, 'write', disk.writtenBytes),
      ...this.#one('system.disk.operations', '{operation}', disk.device, 'read', disk.reads),
      ...this.#one('system.disk.operations', '{operation}', disk.device, 'write', disk.writes),
    ]);
    this.#increases.endRound();
    return samples;
  }

  #one(
    name: string,
    unit: 'By' | '{operation}',
    device: string | undefined,
    direction: string,
    total: number | undefined,
  ): readonly Sample[] {
    if (total === undefined) return [];
    const value = this.#increases.of(`${name} ${device} ${direction}`, total);
    if (value === null) return [];
    return [{ name, value, unit, direction, ...(device === undefined ? {} : { device }) }];
  }
}

/** Whole disks: partitions are part of theirs. The library would start a process for this at every sample. */
async function linuxDisks(): Promise<readonly DiskCounters[]> {
  const whole = new Set(await readdir('/sys/block').catch(() => []));
  return parseDiskstats(await readFile('/proc/diskstats', 'utf8'), whole);
}

/** Text of /proc/diskstats, and the names of whole disks. */
export function parseDiskstats(text: string, whole: ReadonlySet<string>): readonly DiskCounters[] {
  return text.split('\n').flatMap((line) => {
    const fields = line.trim().split(/\s+/);
    const device = fields[2];
    if (device === undefined || !whole.has(device) || memoryDisks.test(device)) return [];
    const [reads, , sectorsRead, , writes, , sectorsWritten] = fields.slice(3).map(Number) as [
      number,
      number,
      number,
      number,
      number,
      number,
      number,
    ];
    return [{ device, readBytes: sectorsRead * sectorBytes, writtenBytes: sectorsWritten * sectorBytes, reads, writes }];
  });
}

async function allDisks(): Promise<readonly DiskCounters[]> {
  const totals = await (await systemInformation()).fsStats();
  return totals === null ? [] : [{ readBytes: totals.rx, writtenBytes: totals.wx }];
}
