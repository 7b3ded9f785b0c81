/** One client in a process of its own: its name and the task as arguments; prints figures as JSON. */
import type { Consume, ConsumeTask, Figures } from './consumed.ts';

const [client, task] = process.argv.slice(2) as [string, string];
const { consume } = (await import(`./consume-${client}.ts`)) as { consume: Consume };
let wall = 0;
let wallMs = 0;
let cpu = process.cpuUsage();
const { count, sum, close } = await consume(
  JSON.parse(task) as ConsumeTask,
  () => {
    cpu = process.cpuUsage();
    wall = performance.now();
  },
  () => {
    wallMs = performance.now() - wall;
    cpu = process.cpuUsage(cpu);
  },
);
const figures: Figures = { count, sum, wallMs, cpuMs: (cpu.user + cpu.system) / 1000, memoryBytes: process.resourceUsage().maxRSS * 1024 };
process.stdout.write(`${JSON.stringify(figures)}\n`);
const forced = setTimeout(() => process.exit(0), 3_000);
forced.unref();
await close().catch(() => undefined);
process.exit(0);
