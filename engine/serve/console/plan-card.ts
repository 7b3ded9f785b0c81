import type { QueryPage, QueryTick } from '../../status/api-types.ts';
import { formatBytes } from '../../status/format-bytes.ts';
import { formatNumber, missing } from '../../status/format-number.ts';
import { element, hiddenText, setText } from './dom.ts';
import { SqlText } from './sql-text.ts';

interface Step {
  readonly in: HTMLElement;
  readonly out: HTMLElement;
  readonly state: HTMLElement;
}

const indentPixels = 12;
/** Operators that stand for a whole clause; others for the words that the plan names. */
const wholeClauses = new Set(['Filter', 'Project', 'Aggregate', 'Distinct']);

/** SQL at the left, its plan with measured rates at the right: pointing at an operator lights its part of the SQL. */
export class PlanCard {
  readonly root: HTMLElement;
  readonly #steps: readonly Step[];
  readonly #keepsState: readonly boolean[];

  constructor(page: QueryPage) {
    const text = new SqlText(page.sql, page.line);
    this.#keepsState = page.plan.map((step) => step.bounded !== null);
    this.#steps = page.plan.map(() => ({ in: number('rows-in'), out: number(''), state: number('') }));
    const items = page.plan.map((step, index) => {
      const cells = this.#steps[index] as Step;
      const words = [step.what, step.note].filter((part) => part !== null && part !== '').join(' · ');
      const name = element(
        'div',
        {},
        element('div', { class: 'operator' }, step.op),
        element('div', { class: 'what', title: words }, words),
      );
      name.style.paddingLeft = `${step.depth * indentPixels}px`;
      name.style.minWidth = '0';
      const item = element('li', { tabindex: 0 }, name, cells.in, cells.out, cells.state);
      const light = () => text.light(step.span, wholeClauses.has(step.op));
      const dark = () => text.light(null);
      item.addEventListener('pointerenter', light);
      item.addEventListener('pointerleave', dark);
      item.addEventListener('focus', light);
      item.addEventListener('blur', dark);
      return item;
    });
    const head = ['Rows in/s', 'Out/s', 'State'].map((title, index) =>
      element('span', { class: `right${index === 0 ? ' rows-in' : ''}` }, title),
    );
    const plan = element(
      'ul',
      { class: 'plan', 'aria-label': 'Plan with measured rates' },
      element('li', { class: 'head' }, element('span', {}, 'Operator'), ...head),
      ...items,
    );
    this.root = element(
      'section',
      { class: 'card' },
      element(
        'header',
        {},
        element('h2', {}, 'SQL and plan'),
        element('span', { class: 'muted' }, 'Point at an operator to see its part of the SQL'),
      ),
      element('div', { class: 'sql-plan' }, text.root, plan),
    );
    this.update(page.tick);
  }

  update({ plan }: QueryTick): void {
    for (const [index, step] of this.#steps.entries()) {
      set(step.in, 'rows in a second: ', formatNumber(plan.in[index]));
      set(step.out, 'rows out a second: ', formatNumber(plan.out[index]));
      const bytes = plan.state[index];
      set(step.state, 'state: ', this.#keepsState[index] || (bytes ?? 0) > 0 ? formatBytes(bytes) : missing);
    }
  }
}

function number(classes: string): HTMLElement {
  return element('span', { class: `right live-value ${classes}`.trim() }, hiddenText(''), document.createTextNode(''));
}

function set(target: HTMLElement, words: string, text: string): void {
  setText(target.firstChild, words);
  setText(target.lastChild, text);
}
