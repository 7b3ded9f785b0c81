import os from 'node:os';
import { Increases, type Probe, type Sample } from './sample.ts';

const states = { user: 'user', nice: 'nice', sys: 'system', irq: 'interrupt', idle: 'idle' } as const;
type Mode = keyof typeof states;

/** `system.cpu.utilization` by state (0..1 over all cores since the sample before), load averages, uptime. */
export class CpuProbe implements Probe {
  readonly name = 'cpu';
  readonly #increases = new Increases();

  async read(): Promise<readonly Sample[]> {
    const cpus = os.cpus();
    const samples: Sample[] = [...this.#utilization(cpus)];
    samples.push({ name: 'system.cpu.logical.count', value: cpus.length, unit: '{cpu}' });
    if (process.platform !== 'win32') {
      const [one, five, fifteen] = os.loadavg() as [number, number, number];
      samples.push({ name: 'system.cpu.load_average.1m', value: one, unit: '{thread}' });
      samples.push({ name: 'system.cpu.load_average.5m', value: five, unit: '{thread}' });
      samples.push({ name: 'system.cpu.load_average.15m', value: fifteen, unit: '{thread}' });
    }
    samples.push({ name: 'system.uptime', value: os.uptime(), unit: 's' });
    return samples;
  }

  #utilization(cpus: readonly os.CpuInfo[]): readonly Sample[] {
    const increases = (Object.keys(states) as Mode[]).map((mode) => {
      const total = cpus.reduce((sum, cpu) => sum + cpu.times[mode], 0);
      return { state: states[mode], increase: this.#increases.of(mode, total) };
    });
    this.#increases.endRound();
    const elapsed = increases.reduce((sum, { increase }) => sum + (increase ?? 0), 0);
    if (elapsed === 0) return [];
    return increases.flatMap(({ state, increase }): Sample[] =>
      increase === null ? [] : [{ name: 'system.cpu.utilization', value: increase / elapsed, unit: '1', state }],
    );
  }
}
