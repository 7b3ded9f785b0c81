import type { Connection } from './database.ts';
import { sqlError } from './sql-failure.ts';
import { SqlError } from './store.ts';

/** Functions in FROM that read nothing but the catalogue, or make rows out of their arguments. Every other one is refused. */
const tableFunctions = new Set([
  'range',
  'generate_series',
  'generate_subscripts',
  'unnest',
  'repeat',
  'repeat_row',
  'summary',
  'json_each',
  'json_tree',
  'json_array_elements',
  'regexp_matches',
  'histogram',
  'histogram_values',
  'duckdb_columns',
  'duckdb_constraints',
  'duckdb_databases',
  'duckdb_functions',
  'duckdb_keywords',
  'duckdb_memory',
  'duckdb_schemas',
  'duckdb_tables',
  'duckdb_types',
  'duckdb_views',
  'pragma_table_info',
  'pragma_version',
  'icu_calendar_names',
  'pg_timezone_names',
]);

export interface CheckedStatement {
  /** Without the final semicolon. */
  readonly sql: string;
  /** EXPLAIN cannot stand inside another statement. */
  readonly explain: boolean;
}

const onlyReads = 'Ad-hoc SQL only reads: SELECT, WITH, FROM, VALUES, DESCRIBE, SHOW, SUMMARIZE, EXPLAIN.';

interface SyntaxNode {
  readonly [key: string]: unknown;
}

/**
 * Refuses whatever is not exactly one reading statement over stored tables: looks at DuckDB's own syntax tree, so that no spelling hides
 * a file. Nothing has been bound when this looks, so nothing has been opened. Throws SqlError.
 */
export async function checkStatement(connection: Connection, text: string): Promise<CheckedStatement> {
  const prefix = explainPrefix(text);
  const inner = text.slice(prefix);
  const tree = await syntaxTree(connection, inner, text, prefix);
  const statements = tree.statements as SyntaxNode[];
  if (statements.length === 0) throw new SqlError('There is no statement', 0, 'Write one, for example: SHOW TABLES');
  if (statements.length > 1) throw new SqlError('One statement at a time, please', undefined, 'Run them one after another.');
  const names = new Set<string>();
  collectNames(statements[0], names);
  const files = await unknownTables(connection, statements[0] as SyntaxNode, names);
  visit(statements[0], (node) => {
    const offset = locationOf(node, inner, text, prefix);
    if (node.type === 'TABLE_FUNCTION') refuseFunction(node, offset);
    if (node.type === 'BASE_TABLE' && files.has(String(node.table_name))) {
      throw new SqlError(
        `Ad-hoc SQL reads no files: ${String(node.table_name)}`,
        offset,
        'Ask the stored streams; SHOW TABLES lists them.',
      );
    }
  });
  return { sql: await withoutEnd(connection, text, prefix, tree), explain: prefix > 0 };
}

/** The statement without its semicolon, so that it can stand inside another. Comments may follow the semicolon. */
async function withoutEnd(connection: Connection, text: string, prefix: number, tree: SyntaxNode): Promise<string> {
  const bare = text.replace(/[\s;]+$/, '');
  if (!bare.includes(';')) return bare;
  const wanted = JSON.stringify(tree);
  for (let end = bare.lastIndexOf(';'); end > prefix; end = bare.lastIndexOf(';', end - 1)) {
    const shorter = await serialized(connection, text.slice(prefix, end));
    if (JSON.stringify(shorter) === wanted) return text.slice(0, end);
  }
  return bare;
}

async function serialized(connection: Connection, sql: string): Promise<SyntaxNode> {
  const reader = await connection.sql.runAndReadAll('SELECT json_serialize_sql($1::VARCHAR)', [sql]);
  return JSON.parse(String(reader.getRowsJS()[0]?.[0])) as SyntaxNode;
}

async function syntaxTree(connection: Connection, inner: string, text: string, prefix: number): Promise<SyntaxNode> {
  const tree = await serialized(connection, inner);
  if (tree.error !== true) return tree;
  if (tree.error_type === 'parser') {
    const position = tree.position === undefined ? undefined : String(Number(tree.position) + Buffer.byteLength(text.slice(0, prefix)));
    throw sqlError(new Error(JSON.stringify({ exception_type: 'Parser', exception_message: tree.error_message, position })), text);
  }
  throw new SqlError('This kind of statement is not allowed here', 0, /^\s*(from\s+)?pivot\b/i.test(inner) ? pivotHint : onlyReads);
}

const pivotHint = 'Name the values of the column: PIVOT t ON c IN (1, 2) USING sum(x).';

function refuseFunction(node: SyntaxNode, offset: number | undefined): void {
  const name = String((node.function as SyntaxNode | undefined)?.function_name ?? '').toLowerCase();
  if (tableFunctions.has(name)) return;
  throw new SqlError(`The function ${name} is not allowed in ad-hoc SQL`, offset, 'Ask the stored streams; SHOW TABLES lists them.');
}

/** Names in FROM that no table, view or WITH clause has, and that DuckDB might therefore take for a file. */
async function unknownTables(connection: Connection, statement: SyntaxNode, names: ReadonlySet<string>): Promise<Set<string>> {
  const suspects = new Set<string>();
  visit(statement, (node) => {
    const name = String(node.table_name ?? '');
    if (node.type === 'BASE_TABLE' && /[^A-Za-z0-9_$ -]/.test(name) && !names.has(name.toLowerCase())) suspects.add(name);
  });
  if (suspects.size === 0) return suspects;
  const reader = await connection.sql.runAndReadAll(
    'SELECT lower(table_name) FROM duckdb_tables() UNION SELECT lower(view_name) FROM duckdb_views()',
  );
  const known = new Set(reader.getRowsJS().map(([name]) => String(name)));
  return new Set([...suspects].filter((name) => !known.has(name.toLowerCase())));
}

function collectNames(node: unknown, names: Set<string>): void {
  visit(node, (found) => {
    const map = (found.cte_map as { map?: { key: string }[] } | undefined)?.map;
    for (const entry of map ?? []) names.add(entry.key.toLowerCase());
  });
}

function visit(node: unknown, look: (node: SyntaxNode) => void): void {
  if (node === null || typeof node !== 'object') return;
  if (!Array.isArray(node)) look(node as SyntaxNode);
  for (const child of Object.values(node)) visit(child, look);
}

/** DuckDB says 2^64 - 1 where it does not know; locations count bytes. */
function locationOf(node: SyntaxNode, inner: string, text: string, prefix: number): number | undefined {
  const at = Number(node.query_location);
  const bytes = Buffer.from(inner, 'utf8');
  if (!Number.isFinite(at) || at > bytes.length) return undefined;
  return [...text.slice(0, prefix), ...bytes.toString('utf8', 0, at)].length;
}

/** Characters of `EXPLAIN [ANALYZE] [(options)]` and the comments before it; 0 when the statement is no EXPLAIN. */
function explainPrefix(text: string): number {
  const comments = /^(?:\s+|--[^\n]*(?:\n|$)|\/\*[\s\S]*?\*\/)*/.exec(text)?.[0].length ?? 0;
  const found = /^explain\b\s*(?:\(\s*\w+(?:\s+\w+)?(?:\s*,\s*\w+(?:\s+\w+)?)*\s*\)\s*)?(?:analyze\b\s*)?/i.exec(text.slice(comments));
  return found === null ? 0 : comments + found[0].length;
}
