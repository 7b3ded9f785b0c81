import type { QueryPage as QueryAnswer, QueryTick, RowsMessage } from '../../status/api-types.ts';
import { formatBytes } from '../../status/format-bytes.ts';
import { formatDuration } from '../../status/format-duration.ts';
import { formatPercent, formatRate } from '../../status/format-number.ts';
import { getJson, queryHref, queryPath } from './api.ts';
import { momentText, setEngineTime } from './clock.ts';
import { element, setClass, setText } from './dom.ts';
import { BoundCard, errorsCard, WorkCard } from './fact-cards.ts';
import type { Page, PageContext } from './page.ts';
import { PlanCard } from './plan-card.ts';
import { RowsCard } from './rows-card.ts';
import { SeriesCard } from './series-card.ts';
import { quoteName, sqlHref } from './sql-link.ts';
import { markOf, stateWords, toneOf } from './status-mark.ts';
import { type VitalDefinition, Vitals } from './vitals.ts';

export async function mount(context: PageContext): Promise<Page> {
  const answer = await getJson<QueryAnswer>(queryPath(context.argument));
  setEngineTime(answer.now);
  const openIn = await sqlHref(
    `SELECT *\nFROM ${quoteName(answer.name)}${answer.time === null ? '' : `\nORDER BY ${quoteName(answer.time)} DESC`}\nLIMIT 100`,
  );
  const page = new QueryPage(context, answer, openIn);
  page.start();
  return page;
}

class QueryPage implements Page {
  readonly #context: PageContext;
  readonly #answer: QueryAnswer;
  readonly #openIn: string;
  readonly #mark = element('span');
  readonly #lag = element('p', { class: 'lag-line live-value' });
  readonly #error = element('div');
  readonly #vitals: Vitals;
  readonly #series: SeriesCard;
  readonly #rows: RowsCard;
  readonly #plan: PlanCard;
  readonly #bound: BoundCard;
  readonly #work: WorkCard;

  constructor(context: PageContext, answer: QueryAnswer, openIn: string) {
    this.#context = context;
    this.#answer = answer;
    this.#openIn = openIn;
    this.#vitals = new Vitals('Vital signs of the query', vitalsOf(answer), answer.history);
    this.#series = new SeriesCard(answer);
    this.#rows = new RowsCard(answer);
    this.#plan = new PlanCard(answer);
    this.#bound = new BoundCard(answer);
    this.#work = new WorkCard(answer);
    this.#rows.onPick = (key) => this.#series.setKey(key);
    this.#series.onKey = (key) => this.#rows.pick(key);
  }

  start(): void {
    const answer = this.#answer;
    const three = element('div', { class: 'three' }, this.#bound.root, this.#work.root, errorsCard(answer.errors));
    const foot = element('p', { class: 'foot' }, element('a', { href: queryPath(answer.id) }, 'This page as JSON'));
    this.#context.main.replaceChildren(
      this.#head(),
      this.#error,
      this.#vitals.root,
      this.#series.root,
      this.#rows.root,
      this.#plan.root,
      three,
      foot,
    );
    this.#error.hidden = true;
    this.#show(answer.tick);
    void this.#series.start();
    this.#context.stream.open({
      topics: `query:${answer.id}`,
      newest: { status: (tick: QueryTick) => this.#receive(tick) },
      every: { rows: (message: RowsMessage) => this.#receiveRows(message) },
    });
  }

  destroy(): void {
    this.#vitals.destroy();
    this.#series.destroy();
    this.#rows.destroy();
  }

  redraw(): void {
    this.#vitals.redraw();
    this.#series.redraw();
  }

  /** The engine may be another one now. */
  recovered(): void {
    this.#context.reload();
  }

  #receive(tick: QueryTick): void {
    setEngineTime(tick.t);
    this.#show(tick);
    this.#plan.update(tick);
    this.#bound.update(tick);
    this.#work.update(tick);
    this.#rows.tick();
  }

  #receiveRows(message: RowsMessage): void {
    this.#rows.receive(message);
    this.#series.refreshSoon();
  }

  #show(tick: QueryTick): void {
    const mark = markOf(tick.status);
    setClass(this.#mark, `mark ${mark}${toneOf(mark) === '' ? '' : ` tone-${toneOf(mark)}`}`);
    setText(this.#mark, stateWords(tick.status, tick.lag.total));
    setText(this.#lag, sentence(tick.lag.text));
    this.#vitals.update({ in: tick.in, out: tick.out, lag: tick.lag.total, late: tick.late, state: tick.state, cpu: tick.cpu });
    this.#vitals.tone('lag', tick.status === 'behind' ? 'warning' : '');
    this.#vitals.note('lag', tick.watermark === null ? '' : `at ${momentText(tick.watermark)}`);
    this.#error.hidden = tick.error === null;
    if (tick.error !== null && this.#error.textContent !== tick.error) {
      this.#error.replaceChildren(element('section', { class: 'card' }, element('div', { class: 'refusal', role: 'alert' }, tick.error)));
    }
  }

  #head(): HTMLElement {
    const { id, file, line, reads, writes } = this.#answer;
    const cut = id.lastIndexOf('/');
    const folder = id.slice(0, Math.max(0, cut));
    const place = `${file}:${line}`;
    const copyPlace = element('button', { class: 'tool mono', type: 'button', title: 'Copy' }, place);
    copyPlace.addEventListener('click', () => void this.#copy(place, 'Place copied'));
    const copyLink = element('button', { class: 'button', type: 'button' }, 'Copy link');
    copyLink.addEventListener('click', () => void this.#copy(location.href, 'Link copied'));
    const crumbs = [
      element('a', { class: 'link', href: '/queries' }, 'Queries'),
      element('span', {}, '/'),
      ...(folder === ''
        ? []
        : [
            element('a', { class: 'link', href: `/queries?filter=${encodeURIComponent(`folder:${folder.split('/')[0]}`)}` }, folder),
            element('span', {}, '/'),
          ]),
    ];
    return element(
      'div',
      { class: 'query-head' },
      element(
        'div',
        {},
        element('nav', { class: 'crumb', 'aria-label': 'Path' }, ...crumbs),
        element('h1', {}, id.slice(cut + 1), this.#mark),
        element('div', { class: 'crumb' }, copyPlace, names('reads', reads), names('feeds', writes)),
        this.#lag,
      ),
      element('div', { class: 'actions' }, copyLink, element('a', { class: 'button', href: this.#openIn }, 'Open in SQL')),
    );
  }

  async #copy(text: string, words: string): Promise<void> {
    await navigator.clipboard.writeText(text);
    this.#context.toast(words);
  }
}

function sentence(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}

/** `reads a, b`: queries are links. */
function names(words: string, ids: readonly string[]): HTMLElement {
  const parts = ids.flatMap((id, index) => [
    index === 0 ? '' : ', ',
    id.includes('/') ? element('a', { class: 'link', href: queryHref(id) }, id) : id,
  ]);
  return element('span', {}, `${words} `, ...(parts.length === 0 ? ['nothing'] : parts));
}

function vitalsOf({ reads, bound }: QueryAnswer): VitalDefinition[] {
  return [
    { name: 'in', label: 'Events in', note: reads.join(', '), format: formatRate },
    { name: 'out', label: 'Results out', note: 'over 10 s', format: formatRate },
    { name: 'lag', label: 'Behind', note: '', format: formatDuration },
    { name: 'late', label: 'Late and rejected', note: 'of its sources', format: formatRate, fromZero: true },
    { name: 'state', label: 'State', note: `of ${formatBytes(bound.bytes)}`, format: formatBytes },
    {
      name: 'cpu',
      label: 'CPU',
      note: 'of one core',
      format: (value) => formatPercent(value === null ? null : value / 100),
      fromZero: true,
    },
  ];
}
