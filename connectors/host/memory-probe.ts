import type { Probe, Sample } from './sample.ts';
import { systemInformation } from './system-information.ts';

/** Memory and swap by state, in bytes and as a share of the total; no swap, no `system.paging`. */
export class MemoryProbe implements Probe {
  readonly name = 'memory';

  async read(): Promise<readonly Sample[]> {
    const { total, free, buffcache, available, swaptotal, swapused } = await (await systemInformation()).mem();
    const samples: Sample[] = [];
    const add = (name: string, whole: number, state: string, bytes: number): void => {
      samples.push({ name: `${name}.usage`, value: bytes, unit: 'By', state });
      samples.push({ name: `${name}.utilization`, value: bytes / whole, unit: '1', state });
    };
    if (total > 0) {
      const cached = Math.min(buffcache, total - free);
      add('system.memory', total, 'used', total - free - cached);
      add('system.memory', total, 'cached', cached);
      add('system.memory', total, 'free', free);
      samples.push({ name: 'system.memory.limit', value: total, unit: 'By' });
      if (available > 0) samples.push({ name: 'system.linux.memory.available', value: available, unit: 'By' });
    }
    if (swaptotal > 0) {
      add('system.paging', swaptotal, 'used', swapused);
      add('system.paging', swaptotal, 'free', swaptotal - swapused);
    }
    return samples;
  }
}
