import type { Engine, EngineEvent, RuntimeStatus } from '../run/runtime-status.ts';
import { plainText } from '../status/format-number.ts';
import type { StatusTracker } from '../status/status-tracker.ts';
import { eventRecord } from './live-terminal.ts';
import type { RunOutput } from './output.ts';
import { styleFor } from './style.ts';
import { summaryText } from './summary-text.ts';

const statusEveryMs = 30_000;

/** For log files and pipes: whole lines with ISO times on standard error, no cursor movement; a status line at most every 30 s. */
export class PlainOutput implements RunOutput {
  readonly #tracker: StatusTracker;
  #statusAt = Date.now();

  constructor(engine: Engine, tracker: StatusTracker, port: number | null) {
    this.#tracker = tracker;
    const console = port === null ? '' : ` console=http://127.0.0.1:${port}`;
    // What has happened until now comes first: lines are in the order of their times, and one says that it has started.
    for (const event of engine.events()) this.event(event);
    this.#line(`${new Date().toISOString()} info  run queries=${engine.catalog.queries.length} lanes=${engine.options.lanes}${console}`);
  }

  event(event: EngineEvent): void {
    this.#line(eventRecord(event));
  }

  tick(): void {
    const { now } = this.#tracker.status;
    if (now - this.#statusAt < statusEveryMs) return;
    this.#statusAt = now;
    const rates = this.#tracker.rates();
    const numbers = `in=${Math.round(rates.in)}/s out=${Math.round(rates.out)}/s late=${rates.late.toFixed(1)}/s rejected=${rates.rejected.toFixed(1)}/s cpu=${(rates.cpu / 100).toFixed(2)}`;
    this.#line(`${new Date(now).toISOString()} stat  ${numbers} text=${JSON.stringify(plainText(this.#tracker.verdict().text))}`);
  }

  close(): void {}

  summary(status: RuntimeStatus): void {
    process.stderr.write(summaryText(status, styleFor(process.stderr)));
  }

  #line(text: string): void {
    process.stderr.write(`${text}\n`);
  }
}
