import type { CatalogAnswer } from '../../status/api-types.ts';
import { formatDuration } from '../../status/format-duration.ts';
import { countOf } from '../../status/format-number.ts';
import { ApiFailure, getJson, postJson, Unreachable } from './api.ts';
import { element, setAttribute, setText } from './dom.ts';
import type { Page, PageContext } from './page.ts';
import { ResultView, type SqlAnswer } from './result-view.ts';
import type { SqlEditor } from './sql-editor.ts';
import { quoteName, sqlHref, unpackSql } from './sql-link.ts';
import { groupDigits } from './value-format.ts';
import { tableTree } from './table-tree.ts';

const rowsMax = 10_000;
const timeoutMs = 10_000;
const draftKey = 'sql-draft';

export async function mount(context: PageContext): Promise<Page> {
  const [catalog, linked, { SqlEditor: Editor }] = await Promise.all([
    getJson<CatalogAnswer>('/api/v1/catalog'),
    unpackSql(location.hash),
    import('./sql-editor.ts'),
  ]);
  const page = new SqlPage(context, catalog);
  page.start(Editor, linked ?? sessionStorage.getItem(draftKey) ?? firstStatement(catalog), linked !== null);
  return page;
}

class SqlPage implements Page {
  readonly #context: PageContext;
  readonly #catalog: CatalogAnswer;
  readonly #box = element('div', { class: 'editor' });
  readonly #run = element(
    'button',
    { class: 'button primary', type: 'button' },
    'Run',
    element('kbd', { class: 'phone-hidden' }, 'Ctrl ↵'),
  );
  readonly #cancel = element('button', { class: 'button', type: 'button', hidden: true }, 'Cancel');
  readonly #info = element('span', { class: 'muted', role: 'status' });
  readonly #view = new ResultView();
  #editor: SqlEditor | null = null;
  #running: AbortController | null = null;

  constructor(context: PageContext, catalog: CatalogAnswer) {
    this.#context = context;
    this.#catalog = catalog;
  }

  start(Editor: typeof SqlEditor, sql: string, isLinked: boolean): void {
    const link = element('button', { class: 'button', type: 'button', click: () => void this.#copyLink() }, 'Copy link');
    this.#run.addEventListener('click', () => void this.#ask());
    this.#cancel.addEventListener('click', () => this.#running?.abort());
    const limits = `reads only · ${formatDuration(timeoutMs)} · ${groupDigits(String(rowsMax))} rows`;
    const editor = element(
      'section',
      { class: 'card' },
      element(
        'header',
        {},
        element('h2', {}, 'SQL'),
        element('span', { class: 'muted' }, limits),
        element('span', { class: 'push actions' }, link, this.#cancel, this.#run),
      ),
      this.#box,
    );
    const result = element(
      'section',
      { class: 'card result' },
      element('header', {}, element('h2', {}, 'Result'), this.#info, this.#view.tools),
      this.#view.root,
    );
    const tree = tableTree(this.#catalog, (text) => this.#editor?.insert(text));
    const title = element('h1', { class: 'hidden-text' }, 'SQL');
    this.#context.main.replaceChildren(
      title,
      element('div', { class: 'sql-page' }, tree, element('div', { class: 'work' }, editor, result)),
    );
    this.#editor = new Editor(this.#box, sql, this.#catalog, { run: () => void this.#ask(), cancel: () => this.#running?.abort() });
    this.#context.stream.open({ topics: 'overview', newest: { tick: () => undefined } });
    if (isLinked || !matchMedia('(pointer: coarse)').matches) this.#editor.focus();
    void this.#ask();
  }

  destroy(): void {
    this.#running?.abort();
    this.#editor?.destroy();
    this.#view.destroy();
  }

  redraw(): void {
    this.#view.redraw();
  }

  key(key: string): boolean {
    if (key !== 'Escape' || this.#running === null) return false;
    this.#running.abort();
    return true;
  }

  async #ask(): Promise<void> {
    const sql = this.#editor?.text() ?? '';
    if (sql.trim() === '') return;
    this.#running?.abort();
    const running = new AbortController();
    this.#running = running;
    sessionStorage.setItem(draftKey, sql);
    history.replaceState(null, '', await sqlHref(sql));
    this.#editor?.mark(null);
    this.#cancel.hidden = false;
    setText(this.#info, 'running');
    setAttribute(this.#view.root, 'aria-busy', 'true');
    try {
      const answer = await postJson<SqlAnswer>('/api/v1/sql', { sql, limit: rowsMax, timeoutMs }, running.signal);
      this.#view.show(answer);
      setText(this.#info, infoText(answer));
    } catch (error) {
      this.#refused(error, sql, running.signal.aborted);
    } finally {
      setAttribute(this.#view.root, 'aria-busy', null);
      if (this.#running === running) {
        this.#running = null;
        this.#cancel.hidden = true;
      }
    }
  }

  #refused(error: unknown, sql: string, cancelled: boolean): void {
    if (cancelled) {
      setText(this.#info, 'cancelled');
      return;
    }
    setText(this.#info, '');
    if (error instanceof ApiFailure) {
      this.#editor?.mark(error.position ?? null);
      this.#view.refuse(error.message, error.hint ?? null, error.position === undefined ? null : { sql, position: error.position });
    } else if (error instanceof Unreachable)
      this.#view.refuse('The engine does not answer.', 'Check that millrace run is still running on this address.', null);
    else throw error;
  }

  async #copyLink(): Promise<void> {
    await navigator.clipboard.writeText(new URL(await sqlHref(this.#editor?.text() ?? ''), location.href).href);
    this.#context.toast('Link copied. It holds the statement, not the result.');
  }
}

function infoText({ rows, truncated, ms }: SqlAnswer): string {
  const rowWords = truncated ? `the first ${countOf(rows.length, 'row')}` : countOf(rows.length, 'row');
  return `${rowWords} in ${formatDuration(ms)}`;
}

function firstStatement({ tables }: CatalogAnswer): string {
  const view = tables.find(({ kind, stored }) => kind === 'view' && stored);
  if (view === undefined) return 'SHOW TABLES';
  const time = view.columns.find(({ type }) => type.startsWith('TIMESTAMP'));
  return `SELECT *\nFROM ${quoteName(view.name)}${time === undefined ? '' : `\nORDER BY ${quoteName(time.name)} DESC`}\nLIMIT 100`;
}
