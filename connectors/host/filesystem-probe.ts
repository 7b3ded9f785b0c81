import { statfs } from 'node:fs/promises';
import type { Probe, Sample } from './sample.ts';
import { systemInformation } from './system-information.ts';

/** Mounts rarely change, and finding them starts a process. */
const mountsKeptMs = 60_000;
const mountsMax = 64;
/** A filesystem over the network can hang for minutes: those are not asked. */
const remote = /^(nfs|cifs|smb|fuse\.sshfs|9p|afs|ceph|glusterfs)/i;

interface Mount {
  readonly device: string;
  readonly mountpoint: string;
}

/** `system.filesystem.usage` and `.utilization` of each mounted local filesystem. */
export class FilesystemProbe implements Probe {
  readonly name = 'filesystem';
  #mounts: readonly Mount[] = [];
  #foundAt = Number.NEGATIVE_INFINITY;

  async read(): Promise<readonly Sample[]> {
    if (performance.now() - this.#foundAt > mountsKeptMs) {
      this.#foundAt = performance.now();
      this.#mounts = await findMounts();
    }
    const samples = await Promise.all(this.#mounts.map((mount) => this.#read(mount)));
    return samples.flat();
  }

  async #read({ device, mountpoint }: Mount): Promise<readonly Sample[]> {
    const found = await statfs(mountpoint).catch(() => null);
    if (found === null || found.blocks === 0) return [];
    const { bsize, blocks, bfree, bavail } = found;
    const used = blocks - bfree;
    const usable = used + bavail;
    const where = { device, mountpoint };
    return [
      { name: 'system.filesystem.usage', value: used * bsize, unit: 'By', state: 'used', ...where },
      { name: 'system.filesystem.usage', value: bavail * bsize, unit: 'By', state: 'free', ...where },
      ...(usable > 0 ? [{ name: 'system.filesystem.utilization', value: used / usable, unit: '1', ...where } as const] : []),
    ];
  }
}

async function findMounts(): Promise<readonly Mount[]> {
  const all = await (await systemInformation()).fsSize();
  const byDevice = new Map<string, Mount>();
  for (const { fs, type, size, mount } of all) {
    // A device mounted several times (bind mounts in containers) is one filesystem.
    if (size > 0 && !remote.test(type) && !byDevice.has(fs)) byDevice.set(fs, { device: fs, mountpoint: mount });
  }
  const root = process.platform === 'win32' ? [] : [{ device: 'rootfs', mountpoint: '/' }];
  return byDevice.size === 0 ? root : [...byDevice.values()].slice(0, mountsMax);
}
