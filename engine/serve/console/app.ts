import { currentZone, setZone, zoneName } from './clock.ts';
import { showConnection } from './connection-badge.ts';
import { byId, element, setAttribute, setText } from './dom.ts';
import { failureCard, loadingCard } from './failure-card.ts';
import { listenToKeys } from './keyboard.ts';
import { LiveStream } from './live-stream.ts';
import type { Mount, Page } from './page.ts';
import { switchTheme } from './theme.ts';

interface Route {
  readonly name: string;
  readonly pattern: RegExp;
  readonly load: () => Promise<{ readonly mount: Mount }>;
}

const routes: readonly Route[] = [
  { name: 'Overview', pattern: /^\/$/, load: () => import('./overview-page.ts') },
  { name: 'Queries', pattern: /^\/queries\/?$/, load: () => import('./queries-page.ts') },
  { name: 'Query', pattern: /^\/queries\/(.+)$/, load: () => import('./query-page.ts') },
  { name: 'SQL', pattern: /^\/sql\/?$/, load: () => import('./sql-page.ts') },
];
const toastMs = 1_800;

const main = byId('main');
const root = document.documentElement;
const stream = new LiveStream();
let page: Page | null = null;
let visit = 0;

async function show(): Promise<void> {
  const turn = ++visit;
  page?.destroy();
  page = null;
  stream.close();
  delete root.dataset.ready;
  const path = decodeURIComponent(location.pathname);
  const route = routes.find((each) => each.pattern.test(path));
  markCurrent(path);
  document.title = `${route?.pattern.exec(path)?.[1] ?? route?.name ?? 'Not found'} · Millrace`;
  if (route === undefined) return showMissing();
  const loading = loadingCard();
  main.replaceChildren(loading);
  try {
    const { mount } = await route.load();
    if (turn !== visit) return;
    const argument = route.pattern.exec(path)?.[1] ?? '';
    const mounted = await mount({ main, stream, argument, navigate, reload: () => void show(), toast });
    if (turn !== visit) return mounted.destroy();
    page = mounted;
    root.dataset.ready = route.name;
    performance.mark('ready');
  } catch (error) {
    if (turn !== visit) return;
    if (!(error instanceof Error && /Unreachable|ApiFailure/.test(error.constructor.name))) console.error(error);
    main.replaceChildren(failureCard(error, () => void show()));
    root.dataset.ready = 'failure';
  }
}

function showMissing(): void {
  const link = element('a', { class: 'link', href: '/' }, 'Overview');
  main.replaceChildren(element('section', { class: 'card empty' }, element('b', {}, 'There is no such page.'), link));
  root.dataset.ready = 'missing';
}

function markCurrent(path: string): void {
  for (const link of document.querySelectorAll<HTMLAnchorElement>('.nav a')) {
    const own = link.getAttribute('href') ?? '/';
    setAttribute(link, 'aria-current', (own === '/' ? path === '/' : path.startsWith(own)) ? 'page' : null);
  }
}

function navigate(href: string): void {
  history.pushState(null, '', href);
  scrollTo(0, 0);
  void show();
}

function toast(text: string): void {
  const note = element('div', { class: 'toast', role: 'status' }, text);
  document.body.append(note);
  setTimeout(() => note.remove(), toastMs);
}

function followLinks(): void {
  addEventListener('popstate', () => void show());
  addEventListener('click', (event) => {
    const link = event.target instanceof Element ? event.target.closest<HTMLAnchorElement | SVGAElement>('a[href]') : null;
    const href = link?.getAttribute('href');
    if (!href?.startsWith('/') || href.startsWith('/api/') || link?.hasAttribute('download')) return;
    if (event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    navigate(href);
  });
}

const actions = {
  navigate,
  switchZone: () => {
    setZone(currentZone() === 'UTC' ? 'local' : 'UTC');
    setText(byId('zone'), zoneName());
    void show();
  },
  switchTheme: () => {
    switchTheme();
    page?.redraw();
  },
  switchPause: () => stream.setPaused(!stream.paused),
  pageKey: (key: string) => page?.key?.(key) ?? false,
};

stream.onState = () => showConnection(stream);
stream.onRecovered = () => page?.recovered?.();
setText(byId('zone'), zoneName());
byId('zone').addEventListener('click', actions.switchZone);
byId('theme').addEventListener('click', actions.switchTheme);
followLinks();
listenToKeys(actions);
showConnection(stream);
void show();
