import { ApiFailure, Unreachable } from './api.ts';
import { element } from './dom.ts';

/** What went wrong and what to do. A fault of the console is never blamed on the engine. */
export function failureCard(error: unknown, retry: () => void): HTMLElement {
  return element(
    'section',
    { class: 'card empty', role: 'alert' },
    element('b', {}, headline(error)),
    ...explanation(error),
    element('p', {}, element('button', { class: 'button', type: 'button', click: retry }, 'Try again')),
  );
}

function headline(error: unknown): string {
  if (error instanceof Unreachable) return 'The engine does not answer.';
  if (error instanceof ApiFailure) return error.status === 404 ? 'There is no such query.' : 'The engine refused.';
  return 'The console has a fault.';
}

function explanation(error: unknown): (HTMLElement | string)[] {
  if (error instanceof Unreachable) {
    return [element('span', {}, 'Check that ', element('code', {}, 'millrace run'), ' is still running on this address.')];
  }
  if (error instanceof ApiFailure && error.status === 404) {
    return [element('span', {}, 'It may have been renamed or removed. ', element('a', { class: 'link', href: '/queries' }, 'All queries'))];
  }
  return [element('span', {}, error instanceof Error ? error.message : String(error))];
}

/** Says that something is coming, but only when it takes long enough to notice. */
export function loadingCard(): HTMLElement {
  const words = element('span', {}, '');
  const card = element('section', { class: 'card empty', 'aria-busy': 'true' }, words);
  card.style.visibility = 'hidden';
  setTimeout(() => {
    words.textContent = 'Reading the state of the engine';
    card.style.visibility = 'visible';
  }, 300);
  return card;
}
