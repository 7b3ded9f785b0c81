import { verdict } from '../status/verdict.ts';
import type { Engine, EngineEvent, RuntimeStatus } from '../run/runtime-status.ts';
import { eventRecord } from './live-terminal.ts';
import type { RunOutput } from './output.ts';
import { Rates } from './rates.ts';
import { styleFor } from './style.ts';
import { summaryText } from './summary-text.ts';

const statusEveryMs = 30_000;

/** For log files and pipes: whole lines with ISO times on standard error, no cursor movement; a status line at most every 30 s. */
export class PlainOutput implements RunOutput {
  readonly #engine: Engine;
  readonly #rates = new Rates();
  #statusAt = Date.now();

  constructor(engine: Engine, port: number | null) {
    this.#engine = engine;
    const console = port === null ? '' : ` console=http://127.0.0.1:${port}`;
    this.#line(`${new Date().toISOString()} info  start queries=${engine.catalog.queries.length} lanes=${engine.options.lanes}${console}`);
    for (const event of engine.events()) this.event(event);
  }

  event(event: EngineEvent): void {
    this.#line(eventRecord(event));
  }

  tick(status: RuntimeStatus): void {
    const rates = this.#rates.update(status);
    if (status.now - this.#statusAt < statusEveryMs) return;
    this.#statusAt = status.now;
    const { text } = verdict(status, this.#engine.catalog);
    const numbers = `in=${Math.round(rates.rowsIn)}/s out=${Math.round(rates.rowsOut)}/s late=${rates.late.toFixed(1)}/s rejected=${rates.rejected.toFixed(1)}/s cpu=${rates.cpu.toFixed(2)}`;
    this.#line(`${new Date(status.now).toISOString()} stat  ${numbers} text=${JSON.stringify(text)}`);
  }

  close(): void {}

  summary(status: RuntimeStatus): void {
    process.stderr.write(summaryText(status, styleFor(process.stderr)));
  }

  #line(text: string): void {
    process.stderr.write(`${text}\n`);
  }
}
