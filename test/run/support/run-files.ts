import { connectors } from '../../../connectors/registry.ts';
import { sinks } from '../../../connectors/sinks.ts';
import { startEngine } from '../../../engine/run/start-engine.ts';
import { summarize } from '../../../engine/run/summary.ts';
import { loadCatalog } from '../../../engine/sql/load-catalog.ts';
import { readQueryFiles } from '../../../engine/sql/read-query-files.ts';

/** `node run-files.ts DATA KERNELS SPEED LANES FILE...`: runs the files to their end and prints the summary. */
const tell = (text: string) => process.stderr.write(`${text}\n`);
const [dataDirectory, kernelDirectory, speed, lanes, ...paths] = process.argv.slice(2) as [string, string, string, string, ...string[]];
const { files } = await readQueryFiles(paths);
const { catalog, diagnostics } = await loadCatalog(files, { connectors, sinks });
for (const { severity, message, line, hint } of diagnostics) tell(`${severity}: line ${line}: ${message} ${hint ?? ''}`);
if (diagnostics.some((diagnostic) => diagnostic.severity === 'error')) process.exit(2);
const engine = await startEngine(catalog, {
  dataDirectory,
  kernelDirectory,
  lanes: Number(lanes),
  spread: true,
  speed: Number(speed),
  untilEnd: true,
  ...(process.env.SNAPSHOT_EVERY_MS === undefined ? {} : { snapshotEveryMs: Number(process.env.SNAPSHOT_EVERY_MS) }),
});
engine.onEvent((event) => tell(`${event.level} ${event.kind}: ${event.text}`));
for (const event of engine.events()) tell(`${event.level} ${event.kind}: ${event.text}`);
process.on('SIGTERM', () => void engine.stop());
await engine.ended;
process.stdout.write(`${JSON.stringify(summarize(await engine.stop()))}\n`);
