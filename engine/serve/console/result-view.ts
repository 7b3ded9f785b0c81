import { formatNumber } from '../../status/format-number.ts';
import { element, setAttribute } from './dom.ts';
import { drawResult, type ResultDrawing } from './result-chart.ts';
import { columnFormat } from './value-format.ts';

/** As the API answers a statement. */
export interface SqlAnswer {
  readonly columns: readonly { readonly name: string; readonly type: string }[];
  readonly rows: readonly (readonly unknown[])[];
  readonly truncated: boolean;
  readonly ms: number;
}

const rowsDrawnMax = 1_000;

/** The answer as a table or as a chart, or why there is none. */
export class ResultView {
  readonly root = element('div', {}, element('p', { class: 'nothing' }, ''));
  readonly tools = element('span', { class: 'segments push', role: 'group', 'aria-label': 'View' });
  readonly #tableButton = element('button', { type: 'button', 'aria-pressed': 'true' }, 'Table');
  readonly #chartButton = element('button', { type: 'button', 'aria-pressed': 'false' }, 'Chart');
  #answer: SqlAnswer | null = null;
  #drawing: ResultDrawing | null = null;
  #asChart = false;

  constructor() {
    this.tools.append(this.#tableButton, this.#chartButton);
    this.#tableButton.addEventListener('click', () => this.#choose(false));
    this.#chartButton.addEventListener('click', () => this.#choose(true));
  }

  show(answer: SqlAnswer): void {
    this.#answer = answer;
    this.#draw();
  }

  refuse(text: string, hint: string | null, place: { readonly sql: string; readonly position: number } | null): void {
    this.#answer = null;
    this.#clear();
    const parts = [element('b', {}, text)];
    if (place !== null) parts.push(element('pre', {}, caretText(place.sql, place.position)));
    if (hint !== null) parts.push(element('div', { class: 'hint' }, hint));
    this.root.replaceChildren(element('div', { class: 'refusal', role: 'alert' }, ...parts));
  }

  redraw(): void {
    this.#drawing?.redraw();
  }

  destroy(): void {
    this.#clear();
  }

  #choose(asChart: boolean): void {
    this.#asChart = asChart;
    setAttribute(this.#tableButton, 'aria-pressed', String(!asChart));
    setAttribute(this.#chartButton, 'aria-pressed', String(asChart));
    if (this.#answer !== null) this.#draw();
  }

  #clear(): void {
    this.#drawing?.destroy();
    this.#drawing = null;
  }

  #draw(): void {
    const answer = this.#answer as SqlAnswer;
    this.#clear();
    const none = element('p', { class: 'nothing' }, '0 rows. The statement ran and nothing matched.');
    if (answer.rows.length === 0) this.root.replaceChildren(none);
    else if (!this.#asChart) this.root.replaceChildren(...resultTable(answer));
    else this.#drawing = drawResult(this.root, answer);
  }
}

function resultTable({ columns, rows }: SqlAnswer): HTMLElement[] {
  const shown = rows.slice(0, rowsDrawnMax);
  const formats = columns.map(({ type }, column) =>
    columnFormat(
      type,
      shown.map((row) => row[column]),
    ),
  );
  const heads = columns.map(({ name, type }, column) =>
    element('th', { scope: 'col', title: type, class: formats[column]?.numeric ? 'right' : '' }, name),
  );
  const body = shown.map((row) => {
    const cells = row.map((value, column) => {
      const text = formats[column]?.text(value) ?? '';
      return element(
        'td',
        { class: value === null ? 'null' : formats[column]?.numeric ? 'right' : '', title: text.length > 50 ? text : null },
        text,
      );
    });
    return element('tr', { tabindex: 0 }, ...cells);
  });
  const table = element(
    'table',
    {},
    element('caption', { class: 'hidden-text' }, 'Result'),
    element('thead', {}, element('tr', {}, ...heads)),
    element('tbody', {}, ...body),
  );
  const frame = element('div', { class: 'table-frame', tabindex: 0, role: 'region', 'aria-label': 'Result' }, table);
  if (rows.length <= rowsDrawnMax) return [frame];
  return [
    frame,
    element('p', { class: 'nothing' }, `The first ${formatNumber(rowsDrawnMax)} of ${formatNumber(rows.length)} rows are shown.`),
  ];
}

/** The line of the statement with a caret under the place. */
function caretText(sql: string, position: number): string {
  const start = sql.lastIndexOf('\n', position - 1) + 1;
  const end = sql.indexOf('\n', position);
  const line = sql.slice(start, end < 0 ? sql.length : end);
  const number = `${sql.slice(0, start).split('\n').length} | `;
  return `${number}${line}\n${' '.repeat(number.length + position - start)}^`;
}
