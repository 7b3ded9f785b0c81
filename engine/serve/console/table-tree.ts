import type { CatalogAnswer, CatalogTable } from '../../status/api-types.ts';
import { element } from './dom.ts';
import { quoteName } from './sql-link.ts';

const groups: readonly { readonly kind: CatalogTable['kind']; readonly title: string }[] = [
  { kind: 'view', title: 'Views' },
  { kind: 'source', title: 'Recorded sources' },
  { kind: 'late', title: 'Late rows' },
  { kind: 'rejected', title: 'Rejected rows' },
];

/** What can be asked, with columns and types; pressing a column puts its name into the statement. */
export function tableTree({ tables }: CatalogAnswer, insert: (text: string) => void): HTMLElement {
  const stored = tables.filter((table) => table.stored);
  const parts = groups.flatMap(({ kind, title }, group) => {
    const own = stored.filter((table) => table.kind === kind);
    if (own.length === 0) return [];
    const details = own.map((table, index) => tableDetails(table, group === 0 && index === 0, insert));
    return [element('h3', {}, title), ...details];
  });
  const none = parts.length === 0 ? [element('p', { class: 'nothing' }, 'Nothing is stored yet.')] : [];
  return element(
    'aside',
    { class: 'card tables-card', 'aria-label': 'Tables' },
    element('header', {}, element('h2', {}, 'Tables')),
    element('div', { class: 'tables' }, ...parts, ...none),
  );
}

function tableDetails({ name, columns }: CatalogTable, open: boolean, insert: (text: string) => void): HTMLElement {
  const items = columns.map((column) => {
    const button = element(
      'button',
      { type: 'button', title: `${column.name} ${column.type}`, click: () => insert(quoteName(column.name)) },
      element('span', {}, column.name),
      element('span', {}, column.type.toLowerCase()),
    );
    return element('li', {}, button);
  });
  return element('details', { open }, element('summary', { title: name }, element('span', {}, name)), element('ul', {}, ...items));
}
