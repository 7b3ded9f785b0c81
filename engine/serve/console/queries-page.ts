import type { OverviewSnapshot, OverviewTick, QueryState } from '../../status/api-types.ts';
import { getJson } from './api.ts';
import { setEngineTime } from './clock.ts';
import { element, setAttribute, setText } from './dom.ts';
import { emptyCard } from './empty-card.ts';
import type { Page, PageContext } from './page.ts';
import { folderOf, withFacet } from './query-filter.ts';
import { QueryTable } from './query-table.ts';
import { stateWords } from './status-mark.ts';

interface Facet {
  readonly name: 'state' | 'folder' | 'source';
  readonly value: string;
  readonly button: HTMLButtonElement;
  readonly count: HTMLElement;
  readonly holds: (index: number, tick: OverviewTick) => boolean;
}

const facetValuesMax = 12;

/** Every query, with facets beside the table; the filter is in the address. */
export async function mount({ main, stream, reload }: PageContext): Promise<Page> {
  const snapshot = await getJson<OverviewSnapshot>('/api/v1/overview');
  setEngineTime(snapshot.now);
  const filter = new URLSearchParams(location.search).get('filter') ?? '';
  const table = new QueryTable(snapshot, filter);
  const facets = makeFacets(snapshot, (facet) => {
    const isOn = table.search.value.split(/\s+/).includes(`${facet.name}:${facet.value}`);
    table.setFilter(withFacet(table.search.value, facet.name, isOn ? null : facet.value));
    keep(table.search.value);
  });
  const keep = (text: string) => {
    const query = new URLSearchParams(location.search);
    if (text.trim() === '') query.delete('filter');
    else query.set('filter', text.trim());
    const search = query.toString();
    history.replaceState(null, '', `${location.pathname}${search === '' ? '' : `?${search}`}`);
    showPressed(facets, text);
  };
  table.onFilter = keep;
  if (snapshot.queries.length === 0) main.replaceChildren(emptyCard());
  else
    main.replaceChildren(
      element('h1', { class: 'hidden-text' }, 'Queries'),
      element('div', { class: 'list-page' }, facetCard(facets), table.root),
    );
  const show = (tick: OverviewTick) => {
    if (tick.gen !== snapshot.gen) return reload();
    setEngineTime(tick.t);
    table.update(tick);
    for (const facet of facets) showCount(facet, snapshot.queries.filter((_, index) => facet.holds(index, tick)).length);
  };
  show(snapshot.tick);
  showPressed(facets, filter);
  stream.open({ topics: 'overview', newest: { tick: show } });
  return { destroy: () => table.destroy(), redraw: () => table.redraw() };
}

function makeFacets({ queries, sources }: OverviewSnapshot, press: (facet: Facet) => void): Facet[] {
  const make = (name: Facet['name'], value: string, label: string, holds: Facet['holds']): Facet => {
    const count = element('span');
    const button = element('button', { type: 'button', 'aria-pressed': 'false' }, element('span', {}, label), count);
    const facet: Facet = { name, value, button, count, holds };
    button.addEventListener('click', () => press(facet));
    return facet;
  };
  const states: QueryState[] = ['ok', 'behind', 'idle', 'replaying', 'failed', 'ended'];
  const folders = [...new Set(queries.map((query) => folderOf(query.id)))].slice(0, facetValuesMax);
  return [
    ...states.map((state) => make('state', state, stateWords(state), (index, tick) => tick.q.status[index] === state)),
    ...folders.map((folder) => make('folder', folder, `${folder}/`, (index) => folderOf(queries[index]?.id ?? '') === folder)),
    ...sources.slice(0, facetValuesMax).map(({ id }) => make('source', id, id, (index) => queries[index]?.reads.includes(id) ?? false)),
  ];
}

/** A state that no query is in is left out, unless it is what is looked for. */
function showCount({ name, button, count }: Facet, many: number): void {
  setText(count, String(many));
  button.hidden = name === 'state' && many === 0 && button.getAttribute('aria-pressed') !== 'true';
}

function facetCard(facets: readonly Facet[]): HTMLElement {
  const group = (name: Facet['name'], title: string) => {
    const own = facets.filter((facet) => facet.name === name);
    return element('div', { role: 'group', 'aria-label': title }, element('h2', {}, title), ...own.map(({ button }) => button));
  };
  return element(
    'aside',
    { class: 'card facets', 'aria-label': 'Facets' },
    group('state', 'Status'),
    group('folder', 'Folder'),
    group('source', 'Reads'),
  );
}

function showPressed(facets: readonly Facet[], text: string): void {
  const words = text.split(/\s+/);
  for (const { name, value, button } of facets) setAttribute(button, 'aria-pressed', String(words.includes(`${name}:${value}`)));
}
