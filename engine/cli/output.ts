import type { Engine, EngineEvent, RuntimeStatus } from '../run/runtime-status.ts';
import { summarize } from '../run/summary.ts';
import type { StatusTracker } from '../status/status-tracker.ts';
import { isLive } from './live-block.ts';
import { eventJson } from './live-terminal.ts';

/** What `millrace run` says while it runs; one implementation per kind of reader (person, log file, program, nobody). */
export interface RunOutput {
  event(event: EngineEvent): void;
  /** About four times a second. */
  tick(): void;
  /** Gives the terminal back. Safe to call twice. */
  close(): void;
  summary(status: RuntimeStatus): void;
}

export async function openOutput(
  settings: { readonly json?: boolean; readonly quiet?: boolean },
  engine: Engine,
  tracker: StatusTracker,
  port: number | null,
): Promise<RunOutput> {
  if (settings.json) return jsonOutput(engine);
  if (settings.quiet) return quietOutput(engine);
  if (isLive(process.stderr)) return new (await import('./live-output.ts')).LiveOutput(engine, tracker, port);
  return new (await import('./plain-output.ts')).PlainOutput(engine, tracker, port);
}

function jsonOutput(engine: Engine): RunOutput {
  const line = (text: string) => process.stdout.write(`${text}\n`);
  for (const event of engine.events()) line(eventJson(event));
  return {
    event: (event) => line(eventJson(event)),
    tick: () => {},
    close: () => {},
    summary: (status) => line(JSON.stringify({ type: 'summary', ...summarize(status) })),
  };
}

function quietOutput(engine: Engine): RunOutput {
  const event = ({ level, subject, text }: EngineEvent) => {
    if (level === 'error') process.stderr.write(`error: ${subject === null ? '' : `${subject}: `}${text}\n`);
  };
  for (const each of engine.events()) event(each);
  return {
    event,
    tick: () => {},
    close: () => {},
    summary: () => {},
  };
}
