import type { AttentionItem, ChangeEntry, OverviewSnapshot, OverviewTick } from '../../status/api-types.ts';
import { formatBytes } from '../../status/format-bytes.ts';
import { formatDuration } from '../../status/format-duration.ts';
import { countOf, formatNumber } from '../../status/format-number.ts';
import { agoText } from './clock.ts';
import { element, hiddenText, setText } from './dom.ts';
import { sqlHref } from './sql-link.ts';

const shownMax = 6;
const changesMax = 6;

/** What needs a look, worst first; what has changed; what is kept. */
export class AttentionList {
  readonly root: HTMLElement;
  readonly #count = element('span', { class: 'muted' });
  readonly #items = element('div');
  readonly #changes = element('div');
  readonly #times: { readonly target: HTMLElement; readonly since: number }[] = [];
  readonly #facts = ['Rows kept', 'On disk', 'Newest commit took', 'Memory of the process'].map(factLine);
  #shown = '';

  constructor() {
    this.root = element(
      'section',
      { class: 'card attention-card' },
      element('header', {}, element('h2', {}, 'Needs attention'), this.#count),
      this.#items,
      this.#changes,
      element('h2', { class: 'changes-title' }, 'Store and memory'),
      element('ul', { class: 'changes' }, ...this.#facts.map(({ root }) => root)),
    );
  }

  async update({ attention, changes }: Pick<OverviewSnapshot, 'attention' | 'changes'>): Promise<void> {
    const shape = JSON.stringify([attention, changes]);
    if (shape === this.#shown) return this.tick();
    this.#shown = shape;
    const links = await Promise.all(attention.slice(0, shownMax).map((item) => (item.sql === null ? item.href : sqlHref(item.sql))));
    this.#times.length = 0;
    setText(this.#count, attention.length === 0 ? '' : String(attention.length));
    const items = attention.slice(0, shownMax).map((item, index) => this.#item(item, links[index] as string));
    const rest = attention.length - items.length;
    this.#items.replaceChildren(
      items.length === 0 ? element('p', { class: 'nothing' }, 'Nothing at the moment.') : element('ul', { class: 'attention' }, ...items),
      ...(rest > 0 ? [element('p', { class: 'nothing' }, `${rest} more`)] : []),
    );
    const said = new Set(attention.map((item) => item.text));
    this.#showChanges(changes.filter((change) => !said.has(change.text)));
  }

  /** Only the ages. */
  tick(): void {
    for (const { target, since } of this.#times) setText(target, agoText(since));
  }

  showStore({ store, proc }: OverviewTick): void {
    const files = store.files === 0 ? '' : `, ${countOf(store.files, 'Parquet file')}`;
    const values = [formatNumber(store.rows), `${formatBytes(store.bytes)}${files}`, formatDuration(store.commitMs), formatBytes(proc.rss)];
    for (const [index, { value }] of this.#facts.entries()) setText(value, values[index] ?? '');
  }

  #item(item: AttentionItem, href: string): HTMLElement {
    const words = { critical: 'critical: ', warning: 'warning: ', info: '' }[item.sev];
    const name = element('b', { class: `mark ${item.sev}` }, element('span', {}, hiddenText(words), item.q ?? 'engine'));
    const line = element('div', { class: 'line' }, name, this.#age(item.since));
    const key = item.key === undefined ? null : element('p', { class: 'key' }, item.key);
    const text = element('p', {}, item.kind === 'alert' ? item.text : capital(item.text));
    const leads = item.sql !== null || item.href !== '/';
    return element('li', {}, leads ? element('a', { href }, line, key, text) : element('div', { class: 'item' }, line, key, text));
  }

  #showChanges(changes: readonly ChangeEntry[]): void {
    if (changes.length === 0) {
      this.#changes.replaceChildren();
      return;
    }
    const lines = changes.slice(0, changesMax).map(({ subject, text, t }) => {
      const words = subject === null ? text : `${subject}: ${text}`;
      return element('li', {}, element('span', {}, words), this.#age(t));
    });
    this.#changes.replaceChildren(element('h2', { class: 'changes-title' }, 'Last changes'), element('ul', { class: 'changes' }, ...lines));
  }

  #age(since: number): HTMLElement {
    const target = element('time', { datetime: new Date(since).toISOString() }, agoText(since));
    this.#times.push({ target, since });
    return target;
  }
}

function factLine(label: string): { readonly root: HTMLElement; readonly value: HTMLElement } {
  const value = element('span', { class: 'fact live-value' });
  return { root: element('li', {}, element('span', {}, label), value), value };
}

function capital(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}
