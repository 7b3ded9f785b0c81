/** One producer in a process of its own: its name and the task as arguments; prints figures as JSON. */
import { producers, type Produce, type ProduceTask } from './produce-clients.ts';

const [name, task] = process.argv.slice(2) as [string, string];
let wall = 0;
let cpu = process.cpuUsage();
await (producers[name] as Produce)(JSON.parse(task) as ProduceTask, () => {
  cpu = process.cpuUsage();
  wall = performance.now();
});
const wallMs = performance.now() - wall;
const { user, system } = process.cpuUsage(cpu);
process.stdout.write(`${JSON.stringify({ wallMs, cpuMs: (user + system) / 1000, memoryBytes: process.resourceUsage().maxRSS * 1024 })}\n`);
process.exit(0);
