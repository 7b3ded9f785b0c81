import { isJoin, type QueryCase, type Select, selectText, type View } from './query-case.ts';
import type { Term } from './term.ts';
import { smallerTerms, termText } from './term.ts';

/** Whether the smaller thing still fails in the same way. */
export type StillFails<Thing> = (smaller: Thing) => Promise<boolean>;

/** Leaves out whatever the failure of one view does not need: other views, items, conditions, keys, parts of expressions, columns. */
export async function shrinkCase(whole: QueryCase, fails: StillFails<QueryCase>, attemptsMax: number): Promise<QueryCase> {
  let best = whole;
  let attempts = 0;
  for (let found = true; found; ) {
    found = false;
    for (const smaller of smallerCases(best)) {
      if (attempts++ >= attemptsMax) return best;
      if (!(await fails(smaller))) continue;
      best = smaller;
      found = true;
      break;
    }
  }
  return best;
}

/** Leaves out rows, by halves, quarters and so on down to single ones. */
export async function shrinkRows(
  rows: readonly number[],
  fails: StillFails<readonly number[]>,
  attemptsMax: number,
): Promise<readonly number[]> {
  let best = rows;
  let attempts = 0;
  for (let size = Math.ceil(best.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let from = 0; from < best.length && attempts < attemptsMax; ) {
      const smaller = [...best.slice(0, from), ...best.slice(from + size)];
      attempts++;
      if (await fails(smaller)) best = smaller;
      else from += size;
    }
  }
  return best;
}

function* smallerCases(whole: QueryCase): Generator<QueryCase> {
  const { views, schema } = whole;
  for (const [index, view] of views.entries()) {
    const others = views.filter((each) => each !== view);
    if (!others.some((other) => mentions(selectText(other.select), view.name))) yield { ...whole, views: others };
    for (const select of smallerSelects(view.select)) yield { ...whole, views: replaced(views, index, { ...view, select }) };
    if (view.options !== null) yield { ...whole, views: replaced(views, index, { ...view, options: null }) };
    if (!view.stored && index < views.length - 1) yield { ...whole, views: replaced(views, index, { ...view, stored: true }) };
  }
  const text = views.map((view) => selectText(view.select)).join('\n');
  for (const column of schema.columns) {
    if (column.name === 'ts' || mentions(text, column.name)) continue;
    yield { ...whole, schema: { columns: schema.columns.filter((each) => each !== column) } };
  }
}

function* smallerSelects(select: Select): Generator<Select> {
  const { items, where, groups, having, cte, from } = select;
  if (cte !== null) {
    yield cte.select;
    yield { ...select, cte: null, from: from === cte.name ? 't' : from };
    for (const inner of smallerSelects(cte.select)) yield { ...select, cte: { ...cte, select: inner } };
  }
  if (isJoin(from)) {
    for (const side of ['left', 'right'] as const) {
      const part = from[side];
      if (typeof part === 'string') continue;
      yield part;
      for (const inner of smallerSelects(part)) yield { ...select, from: { ...from, [side]: inner } };
    }
    for (let index = 0; index < from.on.length; index++) yield { ...select, from: { ...from, on: without(from.on, index) } };
  } else if (typeof from !== 'string') {
    yield from;
    for (const inner of smallerSelects(from)) yield { ...select, from: inner };
  }
  if (select.union !== null) {
    yield { ...select, union: null };
    yield select.union;
    for (const inner of smallerSelects(select.union)) yield { ...select, union: inner };
  }
  if (select.distinct) yield { ...select, distinct: false };
  for (let index = 0; index < select.qualify.length; index++) yield { ...select, qualify: without(select.qualify, index) };
  for (let index = 0; index < having.length; index++) yield { ...select, having: without(having, index) };
  for (let index = 0; index < where.length; index++) yield { ...select, where: without(where, index) };
  if (items.length > 1 && select.union === null)
    for (let index = 0; index < items.length; index++) yield { ...select, items: without(items, index) };
  for (let index = 0; index < groups.length; index++) yield withoutKey(select, index);
  for (const [index, item] of items.entries()) {
    for (const term of smallerTerms(item.term)) yield { ...select, items: replaced(items, index, { ...item, term }) };
  }
  for (const [index, term] of where.entries())
    for (const smaller of smallerTerms(term)) yield { ...select, where: replaced(where, index, smaller) };
  for (const [index, term] of having.entries())
    for (const smaller of smallerTerms(term)) yield { ...select, having: replaced(having, index, smaller) };
  for (const [index, term] of groups.entries()) for (const smaller of smallerTerms(term)) yield withKey(select, index, term, smaller);
  if (select.window?.kind === 'hop') yield { ...select, window: { ...select.window, kind: 'tumble' } };
}

/** The key goes, and the item that shows it. */
function withoutKey(select: Select, index: number): Select {
  const text = termText(select.groups[index] as Term);
  const items = select.items.filter((item) => termText(item.term) !== text);
  return { ...select, items: items.length === 0 ? select.items : items, groups: without(select.groups, index) };
}

function withKey(select: Select, index: number, key: Term, smaller: Term): Select {
  const text = termText(key);
  const items = select.items.map((item) => (termText(item.term) === text ? { ...item, term: smaller } : item));
  return { ...select, items, groups: replaced(select.groups, index, smaller) };
}

function mentions(text: string, name: string): boolean {
  return new RegExp(`\\b${name}\\b`).test(text);
}

function without<Thing>(list: readonly Thing[], index: number): Thing[] {
  return list.filter((_, at) => at !== index);
}

function replaced<Thing>(list: readonly Thing[], index: number, thing: Thing): Thing[] {
  return list.map((each, at) => (at === index ? thing : each));
}

export type { View };
