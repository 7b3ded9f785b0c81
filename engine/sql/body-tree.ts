import { QueryError, type Span } from '../diagnostic.ts';
import { bytesOfCodePoints, type SourceText } from './source-text.ts';
import { syntaxError, type Token } from './tokens.ts';

/** What a SELECT's syntax tree says before it is bound. */
export interface BodyTree {
  /** Tables and views that it names, with where. CTEs are left out. */
  readonly reads: readonly { readonly name: string; readonly span: Span }[];
}

interface TreeError {
  readonly error: true;
  readonly error_message: string;
  readonly position?: string;
}

type Tree = { readonly [key: string]: unknown };

/** Table functions that take a table's name first. */
const windowFunctions: ReadonlySet<string> = new Set(['tumble', 'hop', 'session']);

/**
 * Reads the tree that `json_serialize_sql` gives. Throws QueryError E0101 on a syntax error (its position counts characters),
 * and for what a continuous query cannot have: ORDER BY or LIMIT at the top, functions that read files.
 */
export function readBodyTree(tree: unknown, source: SourceText, body: Span, tokens: readonly Token[]): BodyTree {
  const parsed = tree as TreeError | { error: false; statements: readonly { node: Tree }[] };
  if (parsed.error) {
    const text = source.slice(body.start, body.end);
    if (parsed.error_message.includes('Only SELECT')) {
      throw new QueryError('E0102', 'only a SELECT can stand here', { span: tokenSpan(tokens, body.start) });
    }
    throw syntaxError(parsed.error_message, body.start + bytesOfCodePoints(text, Number(parsed.position ?? 0)), tokens);
  }
  const at = (location: unknown): Span => tokenSpan(tokens, body.start + (typeof location === 'number' ? location : 0));
  const root = parsed.statements[0]?.node;
  if (root === undefined || parsed.statements.length !== 1) throw new QueryError('E0101', 'one SELECT is expected here');
  refuseOrder(root, true, tokens, body);
  const reads: { name: string; span: Span }[] = [];
  const found = (name: string, location: unknown): void => {
    const span = at(location);
    if (tokens.some((token) => token.start === span.start && token.kind === 'string')) throw readsOutside(`the file '${name}'`, span);
    reads.push({ name, span });
  };
  const check = (node: Tree): void => {
    if (node !== root) refuseOrder(node, false, tokens, body);
  };
  visit(root, new Set(), found, at, check);
  return { reads };
}

function tokenSpan(tokens: readonly Token[], start: number): Span {
  const token = tokens.find((each) => each.end > start) ?? tokens.at(-1);
  return token === undefined ? { start, end: start + 1 } : { start: token.start, end: token.end };
}

/** Neither has a meaning while rows still come, wherever it stands. */
function refuseOrder(node: Tree, isTop: boolean, tokens: readonly Token[], body: Span): void {
  for (const modifier of (node.modifiers ?? []) as readonly Tree[]) {
    const type = String(modifier.type);
    const word = type.startsWith('ORDER') ? 'ORDER' : type.startsWith('LIMIT') ? 'LIMIT' : null;
    if (word === null) continue;
    const [order] = (modifier.orders ?? []) as readonly { expression: Tree }[];
    const at = (order?.expression ?? (modifier.limit as Tree | undefined))?.query_location;
    const before = typeof at === 'number' ? body.start + at : body.end;
    const token = tokens.findLast((each) => each.start >= body.start && each.start <= before && each.upper === word);
    const clause = word === 'ORDER' ? 'ORDER BY' : 'LIMIT';
    throw new QueryError('E0205', `a continuous query has no ${clause}${isTop ? ' at the top' : ''}`, {
      span: token === undefined ? undefined : { start: token.start, end: token.end },
      note: 'its rows never end',
      hint:
        word === 'ORDER' && isTop
          ? 'order when you read the result: millrace sql "SELECT ... ORDER BY ..."'
          : 'keep the first rows of each group with row_number() OVER (PARTITION BY ... ORDER BY ...) and a filter on it',
    });
  }
}

type Found = (name: string, location: unknown) => void;

function visit(
  value: unknown,
  ctes: ReadonlySet<string>,
  found: Found,
  at: (location: unknown) => Span,
  check: (node: Tree) => void,
): void {
  if (Array.isArray(value)) {
    for (const each of value) visit(each, ctes, found, at, check);
    return;
  }
  if (value === null || typeof value !== 'object') return;
  const node = value as Tree;
  check(node);
  const inner = cteNames(node, ctes);
  if (node.type === 'BASE_TABLE') {
    const name = String(node.table_name);
    if (!inner.has(name.toLowerCase())) found(name, node.query_location);
  }
  if (node.type === 'TABLE_FUNCTION') {
    const call = node.function as Tree;
    const name = String(call.function_name).toLowerCase();
    refuseReading(name, at(node.query_location));
    const [first] = (call.children ?? []) as readonly Tree[];
    const path = (first?.column_names ?? []) as readonly string[];
    const table = path.at(-1);
    if (windowFunctions.has(name) && table !== undefined && !inner.has(table.toLowerCase())) found(table, first?.query_location);
  }
  if (node.class === 'FUNCTION') refuseReading(String(node.function_name).toLowerCase(), at(node.query_location));
  for (const child of Object.values(node)) visit(child, inner, found, at, check);
}

function cteNames(node: Tree, ctes: ReadonlySet<string>): ReadonlySet<string> {
  const map = (node.cte_map as { map?: readonly { key: string }[] } | undefined)?.map ?? [];
  return map.length === 0 ? ctes : new Set([...ctes, ...map.map((each) => each.key.toLowerCase())]);
}

function refuseReading(name: string, span: Span): void {
  if (name.startsWith('__')) throw new QueryError('E0203', `unknown function "${name}"`, { span });
  if (
    !/^(read_|parquet_|sniff_|glob$|query$|query_table$|sqlite_|duckdb_|pragma_|pg_|getenv$|which_secret$)/.test(name) &&
    !name.endsWith('_scan')
  )
    return;
  throw readsOutside(`${name}()`, span);
}

function readsOutside(what: string, span: Span): QueryError {
  return new QueryError('E0205', `${what} cannot be read in a continuous query`, {
    span,
    note: 'it is outside of the declared sources',
    hint: 'declare a source: CREATE TABLE name (...) WITH (connector = file, path = ...)',
  });
}
