import type { ChangeEntry, OverviewSnapshot, OverviewTick } from '../../status/api-types.ts';
import { formatBytes } from '../../status/format-bytes.ts';
import { formatDuration } from '../../status/format-duration.ts';
import { countOf, formatPercent, formatRate } from '../../status/format-number.ts';
import { getJson } from './api.ts';
import { AttentionList } from './attention-list.ts';
import { setEngineTime } from './clock.ts';
import { element } from './dom.ts';
import { emptyCard } from './empty-card.ts';
import { FlowDiagram } from './flow-diagram.ts';
import type { Page, PageContext } from './page.ts';
import { QueryTable } from './query-table.ts';
import { VerdictLine } from './verdict-line.ts';
import { type VitalDefinition, Vitals } from './vitals.ts';

/** The list of what needs attention is read again when something has changed, at most this often ... */
const refreshMsMin = 3_000;
/** ... and at least this often. */
const refreshMsMax = 20_000;

export async function mount(context: PageContext): Promise<Page> {
  const snapshot = await getJson<OverviewSnapshot>('/api/v1/overview');
  setEngineTime(snapshot.now);
  const page = new OverviewPage(context, snapshot);
  page.start();
  return page;
}

class OverviewPage implements Page {
  readonly #context: PageContext;
  readonly #snapshot: OverviewSnapshot;
  readonly #verdict: VerdictLine;
  readonly #vitals: Vitals;
  readonly #flow: FlowDiagram;
  readonly #attention = new AttentionList();
  readonly #table: QueryTable;
  #tick: OverviewTick;
  #refreshedAt = performance.now();
  #signature: string;
  #gone = false;

  constructor(context: PageContext, snapshot: OverviewSnapshot) {
    this.#context = context;
    this.#snapshot = snapshot;
    this.#tick = snapshot.tick;
    this.#signature = signatureOf(snapshot.tick);
    this.#verdict = new VerdictLine(snapshot);
    this.#vitals = new Vitals('Vital signs', vitalsOf(snapshot), snapshot.history);
    this.#flow = new FlowDiagram(snapshot);
    this.#table = new QueryTable(snapshot);
  }

  start(): void {
    const { main, stream } = this.#context;
    const foot = element('p', { class: 'foot' }, element('a', { href: '/api/v1/overview' }, 'This page as JSON'));
    if (this.#snapshot.queries.length === 0) main.replaceChildren(this.#verdict.root, emptyCard(), foot);
    else {
      const two = element('div', { class: 'two' }, this.#flow.root, this.#attention.root);
      main.replaceChildren(this.#verdict.root, this.#vitals.root, two, this.#table.root, foot);
    }
    void this.#attention.update(this.#snapshot);
    this.#show(this.#snapshot.tick);
    stream.open({
      topics: 'overview',
      newest: { tick: (tick: OverviewTick) => this.#receive(tick), change: (_: ChangeEntry) => this.#refreshSoon() },
    });
  }

  destroy(): void {
    this.#gone = true;
    this.#vitals.destroy();
    this.#table.destroy();
  }

  redraw(): void {
    this.#vitals.redraw();
    this.#table.redraw();
  }

  #receive(tick: OverviewTick): void {
    if (tick.gen !== this.#snapshot.gen) {
      this.#context.reload();
      return;
    }
    setEngineTime(tick.t);
    this.#show(tick);
    const signature = signatureOf(tick);
    const age = performance.now() - this.#refreshedAt;
    if (age > refreshMsMax || (age > refreshMsMin && signature !== this.#signature)) void this.#refresh(signature);
    else this.#attention.tick();
  }

  #show(tick: OverviewTick): void {
    this.#tick = tick;
    const { total, proc } = tick;
    const worst = furthestBehind(tick);
    this.#verdict.update(tick.verdict);
    const lost = total.late + total.rej;
    this.#vitals.update({ in: total.in, out: total.out, lag: total.lag, late: lost, state: total.state, cpu: proc.cpu });
    this.#vitals.note('lag', worst < 0 ? '' : (this.#snapshot.queries[worst]?.name ?? ''));
    this.#vitals.tone('lag', tick.q.status.includes('behind') ? 'warning' : '');
    this.#attention.showStore(tick);
    this.#flow.update(tick);
    this.#table.update(tick);
  }

  #refreshSoon(): void {
    this.#signature = '';
  }

  async #refresh(signature: string): Promise<void> {
    this.#refreshedAt = performance.now();
    this.#signature = signature;
    try {
      const snapshot = await getJson<OverviewSnapshot>('/api/v1/overview');
      if (this.#gone || snapshot.gen !== this.#snapshot.gen) return;
      this.#table.refresh(snapshot);
      this.#flow.refresh(snapshot);
      this.#flow.update(this.#tick);
      await this.#attention.update(snapshot);
    } catch {
      // The stream tells about a lost connection; the list is read again with the next tick.
    }
  }
}

function vitalsOf({ sources, queries, budget }: OverviewSnapshot): VitalDefinition[] {
  return [
    { name: 'in', label: 'Events in', note: countOf(sources.length, 'source'), format: formatRate },
    { name: 'out', label: 'Results out', note: countOf(queries.length, 'query', 'queries'), format: formatRate },
    { name: 'lag', label: 'Furthest behind', note: '', format: formatDuration },
    { name: 'late', label: 'Late and rejected', note: 'rows', format: formatRate, fromZero: true },
    { name: 'state', label: 'State', note: budget.state > 0 ? `of ${formatBytes(budget.state)}` : '', format: formatBytes },
    {
      name: 'cpu',
      label: 'CPU',
      note: `of ${formatPercent(budget.cpuCores)}`,
      format: (value) => formatPercent(value === null ? null : value / 100),
      fromZero: true,
    },
  ];
}

function furthestBehind({ q }: OverviewTick): number {
  let worst = -1;
  for (const [index, lag] of q.lag.entries()) if (lag !== null && (worst < 0 || lag > (q.lag[worst] as number))) worst = index;
  return worst;
}

/** What, when it changes, changes the list of what needs attention. */
function signatureOf(tick: OverviewTick): string {
  return `${tick.open} ${tick.verdict.text} ${tick.q.status.join()} ${tick.src.status.join()}`;
}
