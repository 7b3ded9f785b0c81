import type { ProcessList, ProcessSample } from './process-sample.ts';
import { systemInformation } from './system-information.ts';

const commandCharactersMax = 200;

/** Through the library, which asks `ps` or PowerShell. */
export class PortableProcesses implements ProcessList {
  #first = true;

  async read(top: number): Promise<readonly ProcessSample[]> {
    const { list } = await (await systemInformation()).processes();
    if (this.#first) {
      this.#first = false;
      return [];
    }
    return [...list]
      .sort((a, b) => b.cpu - a.cpu || b.memRss - a.memRss)
      .slice(0, top)
      .map((each) => ({
        pid: each.pid,
        name: each.name,
        command: `${each.command} ${each.params}`.trim().slice(0, commandCharactersMax),
        cpuUtilization: Math.min(1, Math.max(0, each.cpu / 100)),
        memoryBytes: each.memRss * 1024,
        owner: each.user,
      }));
  }
}
