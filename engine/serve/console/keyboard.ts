import { byId } from './dom.ts';

export interface KeyActions {
  navigate(href: string): void;
  switchZone(): void;
  switchTheme(): void;
  switchPause(): void;
  pageKey(key: string): boolean;
}

/** The second key of `g o` comes within this time. */
const chordMsMax = 900;

/** Single keys outside fields and the editor. Never together with Ctrl, Alt or Meta: those belong to the browser. */
export function listenToKeys(actions: KeyActions): void {
  let chordAt = 0;
  addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    const target = event.target instanceof Element ? event.target : document.body;
    if (target.closest('input, textarea, select, [contenteditable], .cm-editor, dialog') !== null) {
      if (event.key === 'Escape' && target instanceof HTMLElement && target.closest('dialog') === null) target.blur();
      return;
    }
    const page = performance.now() - chordAt < chordMsMax ? document.querySelector(`.nav a[data-key="${CSS.escape(event.key)}"]`) : null;
    chordAt = event.key === 'g' ? performance.now() : 0;
    if (page !== null) {
      event.preventDefault();
      actions.navigate(page.getAttribute('href') ?? '/');
    } else if (single(event.key, target, actions)) event.preventDefault();
  });
}

function single(key: string, target: Element, actions: KeyActions): boolean {
  switch (key) {
    case 'z':
      actions.switchZone();
      return true;
    case 't':
      actions.switchTheme();
      return true;
    case 'p':
      actions.switchPause();
      return true;
    case '?':
      byId<HTMLDialogElement>('help').showModal();
      return true;
    case '/':
      document.querySelector<HTMLElement>('input[type="search"]')?.focus();
      return true;
    case 'j':
    case 'k':
      return moveRow(target, key === 'j' ? 1 : -1);
    case 'Enter': {
      const row = target.closest<HTMLElement>('tr[data-href]');
      if (row?.dataset.href === undefined || target !== row) return actions.pageKey(key);
      actions.navigate(row.dataset.href);
      return true;
    }
    case 'Escape':
      if (target instanceof HTMLElement) target.blur();
      return actions.pageKey(key);
    default:
      return actions.pageKey(key);
  }
}

function moveRow(target: Element, step: number): boolean {
  const rows = [...document.querySelectorAll<HTMLElement>('tbody tr[tabindex]')];
  const at = rows.indexOf(target.closest('tr') as HTMLElement);
  rows[Math.max(0, Math.min(rows.length - 1, at + step))]?.focus();
  return rows.length > 0;
}
