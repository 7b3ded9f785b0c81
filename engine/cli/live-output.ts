import type { Engine, EngineEvent, RuntimeStatus } from '../run/runtime-status.ts';
import { formatBytes } from '../status/format-bytes.ts';
import { formatDuration } from '../status/format-duration.ts';
import { countOf, formatPercent, formatRate } from '../status/format-number.ts';
import type { StatusTracker } from '../status/status-tracker.ts';
import { LiveBlock } from './live-block.ts';
import { eventLine } from './live-terminal.ts';
import type { RunOutput } from './output.ts';
import { type Style, styleFor } from './style.ts';
import { summaryText } from './summary-text.ts';

/** For people: events scroll by, five lines at the bottom change in place; the first of them is the verdict that the console shows. */
export class LiveOutput implements RunOutput {
  readonly #style: Style = styleFor(process.stderr);
  readonly #tracker: StatusTracker;
  /** Attention items told already, as one line each above the block. */
  #told: ReadonlySet<string> = new Set();
  readonly #block: LiveBlock;

  constructor(engine: Engine, tracker: StatusTracker, port: number | null) {
    this.#tracker = tracker;
    const { queries, sources } = engine.catalog;
    const style = this.#style;
    process.stderr.write(
      `${style.bold('millrace')}  ${countOf(queries.length, 'query', 'queries')} over ${countOf(sources.size, 'source')}, ${countOf(engine.options.lanes, 'lane')}, data in ${engine.options.dataDirectory}\n`,
    );
    if (port !== null)
      process.stderr.write(`console ${style.cyan(`http://127.0.0.1:${port}`)}   ask: ${style.bold('npx millrace sql "SHOW TABLES"')}\n`);
    process.stderr.write('\n');
    this.#block = new LiveBlock(process.stderr);
    for (const event of engine.events()) this.event(event);
  }

  event(event: EngineEvent): void {
    this.#block.log(eventLine(event, this.#style));
  }

  tick(): void {
    const tracker = this.#tracker;
    const { status } = tracker;
    const rates = tracker.rates();
    const style = this.#style;
    this.#tellAlerts(status.now);
    const queries = Object.values(status.queries);
    const state = queries.reduce((sum, query) => sum + query.stateBytes, 0);
    const label = (name: string) => style.dim(name.padEnd(8));
    const paint = { ok: style.bold, warning: style.yellow, critical: style.red };
    const parts = tracker.verdict().parts.map((part) => paint[part.level](part.text));
    this.#block.draw([
      '',
      parts.join(''),
      `${label('in')}${formatRate(rates.in)}   ${style.dim('out')} ${formatRate(rates.out)}   ${style.dim('late')} ${formatRate(rates.late)}   ${style.dim('rejected')} ${formatRate(rates.rejected)}`,
      `${label('behind')}${behind(status)}`,
      `${label('state')}${formatBytes(state)}   ${style.dim('memory')} ${formatBytes(status.process.rssBytes)}   ${style.dim('cpu')} ${formatPercent(rates.cpu / 100)}   ${style.dim('up')} ${formatDuration(status.now - status.startedAt)}`,
      style.dim('Ctrl-C stops and saves'),
    ]);
  }

  /** An alert that has begun is news: one line that stays. */
  #tellAlerts(now: number): void {
    const alerts = this.#tracker.attention().filter((item) => item.kind === 'alert');
    const keys = new Set(alerts.map(({ q, key }) => `${q} ${key}`));
    for (const { q, key, text, sev } of alerts) {
      if (this.#told.has(`${q} ${key}`)) continue;
      this.#block.log(
        eventLine({ at: now, level: sev === 'critical' ? 'error' : 'warning', kind: 'limit', subject: q, text }, this.#style),
      );
    }
    this.#told = keys;
  }

  close(): void {
    this.#block.close();
  }

  summary(status: RuntimeStatus): void {
    process.stderr.write(summaryText(status, this.#style));
  }
}

function behind(status: RuntimeStatus): string {
  const lags = Object.entries(status.queries).flatMap(([id, query]) => (query.lagMs === null ? [] : [[id, query.lagMs] as const]));
  if (lags.length === 0) return 'no event time yet';
  lags.sort((a, b) => a[1] - b[1]);
  const [slowest, most] = lags.at(-1) as readonly [string, number];
  const [, median] = lags[lags.length >> 1] as readonly [string, number];
  return `${formatDuration(median)} median   ${formatDuration(most)} ${slowest}`;
}
