import os from 'node:os';
import type { Gathered } from './host-reader.ts';
import { LinuxProcesses } from './linux-processes.ts';
import { PortableProcesses } from './portable-processes.ts';
import type { ProcessList } from './process-sample.ts';

export function processList(): ProcessList {
  return process.platform === 'linux' ? new LinuxProcesses() : new PortableProcesses();
}

export function processesGatherer(list: ProcessList, top: number): (now: number) => Promise<Gathered> {
  const host = os.hostname();
  return async (now) => {
    try {
      const processes = await list.read(top);
      const rows = processes.map(({ pid, name, command, cpuUtilization, memoryBytes, owner }) => ({
        ts: now,
        host,
        pid,
        name,
        command,
        cpu_utilization: cpuUtilization,
        memory_bytes: memoryBytes,
        owner,
      }));
      return { rows, faults: [] };
    } catch (error) {
      return { rows: [], faults: [{ part: 'processes', reason: error instanceof Error ? error.message : String(error) }] };
    }
  };
}
