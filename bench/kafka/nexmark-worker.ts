/** One Nexmark query from the broker in a process of its own, started as the command line starts it: folder of SQL files, data folder. */
import { enableCompileCache } from 'node:module';
import { setFlagsForStartup } from '../../engine/run/v8-flags.ts';

const [queries, dataDirectory, kernelDirectory] = process.argv.slice(2) as [string, string, string];
setFlagsForStartup();
enableCompileCache();
const { loadQueries } = await import('../../engine/cli/load-queries.ts');
const { startEngine } = await import('../../engine/run/start-engine.ts');
const { catalog, diagnostics } = await loadQueries([queries]);
if (diagnostics.length > 0) throw new Error(diagnostics[0]?.message);
const wall = performance.now();
const cpu = process.cpuUsage();
const engine = await startEngine(catalog, { dataDirectory, lanes: 1, speed: 1, untilEnd: true, kernelDirectory });
await engine.ended;
await engine.stop();
const { user, system } = process.cpuUsage(cpu);
const figures = {
  wallMs: performance.now() - wall,
  cpuMs: (user + system) / 1000,
  memoryBytes: process.resourceUsage().maxRSS * 1024,
};
process.stdout.write(`${JSON.stringify(figures)}\n`);
process.exit(0);
