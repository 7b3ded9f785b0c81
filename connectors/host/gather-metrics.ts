import os from 'node:os';
import { CpuProbe } from './cpu-probe.ts';
import { DiskProbe } from './disk-probe.ts';
import { FilesystemProbe } from './filesystem-probe.ts';
import type { Gathered } from './host-reader.ts';
import { MemoryProbe } from './memory-probe.ts';
import { NetworkProbe } from './network-probe.ts';
import type { Row } from './row-columns.ts';
import type { Probe } from './sample.ts';

/** A part that hangs must not hold up the others. */
const probeMsMax = 5000;

export function allProbes(): readonly Probe[] {
  return [new CpuProbe(), new MemoryProbe(), new DiskProbe(), new NetworkProbe(), new FilesystemProbe()];
}

/** Reads every part of the machine. What one probe cannot do costs only its own rows. */
export function metricsGatherer(probes: readonly Probe[]): (now: number) => Promise<Gathered> {
  const host = os.hostname();
  const busy = new Set<string>();
  return async (now) => {
    const faults: { part: string; reason: string }[] = [];
    const parts = await Promise.all(
      probes.map(async (probe): Promise<readonly Row[]> => {
        if (busy.has(probe.name)) return [];
        busy.add(probe.name);
        const reading = probe.read().finally(() => busy.delete(probe.name));
        try {
          const samples = await within(reading, probeMsMax);
          return samples.map((sample) => ({ ts: now, host, ...sample }));
        } catch (error) {
          faults.push({ part: probe.name, reason: error instanceof Error ? error.message : String(error) });
          return [];
        }
      }),
    );
    return { rows: parts.flat(), faults };
  };
}

async function within<Value>(work: Promise<Value>, ms: number): Promise<Value> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer in ${ms / 1000} s`)), ms);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
