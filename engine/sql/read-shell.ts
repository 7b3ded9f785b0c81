import { QueryError, type Span } from '../diagnostic.ts';
import { type RawOption, readOptions, unquote } from './raw-option.ts';
import type { Statement } from './split-statements.ts';
import { parseShell, type Token } from './tokens.ts';

interface ShellBase {
  readonly statement: Statement;
  readonly name: string;
  readonly nameSpan: Span;
  readonly options: readonly RawOption[];
}

export interface FunctionDeclaration {
  /** Types as PostgreSQL reads them. */
  readonly parameters: readonly string[];
  readonly returns: string;
  /** The component, and the function that it exports; '' when the statement does not say. */
  readonly component: string;
  readonly export: string;
  readonly strict: boolean;
  readonly immutable: boolean;
}

/** A statement without its SELECT. Names are as PostgreSQL folds them: lower case unless quoted. */
export type Shell =
  | (ShellBase & { readonly kind: 'table'; readonly columns: Span })
  | (ShellBase & { readonly kind: 'materialized_view' | 'view'; readonly body: Span; readonly columnNames: readonly string[] })
  | (ShellBase & { readonly kind: 'insert'; readonly body: Span; readonly columns: readonly { name: string; span: Span }[] })
  | (ShellBase & { readonly kind: 'function'; readonly declaration: FunctionDeclaration });

interface Relation {
  readonly relname?: string;
  readonly schemaname?: string;
  readonly relpersistence?: string;
}

/** Parses the statement around its SELECT. Throws QueryError E0101 (syntax) or E0102 (not part of the dialect). */
export function readShell(statement: Statement): Shell {
  const { tokens, span, body } = statement;
  if (body !== null && body.start === span.start) {
    throw new QueryError('E0102', 'a SELECT alone has no name and no place for its rows', {
      span: { start: tokens[0]!.start, end: tokens[0]!.end },
      hint: 'put CREATE MATERIALIZED VIEW name AS before it',
    });
  }
  if (body !== null && body.start === body.end) {
    const last = tokens.at(-1)!;
    throw new QueryError('E0101', 'the statement ends before its SELECT', { span: { start: last.start, end: last.end } });
  }
  const columns = columnList(tokens);
  const { kind, node } = parseShell(shellText(statement, columns), span.start, tokens);
  const options = readOptions(body === null ? tokens : tokens.filter((token) => token.end <= body.start));
  switch (kind) {
    case 'CreateStmt': {
      const relation = node.relation as Relation;
      plain(relation, statement);
      const base = shellBase(statement, relation, options);
      if (columns === null) throw new QueryError('E0101', `table "${base.name}" declares no columns`, { span: base.nameSpan });
      return { ...base, kind: 'table', columns };
    }
    case 'CreateTableAsStmt': {
      const into = node.into as { rel: Relation; colNames?: unknown[] };
      plain(into.rel, statement);
      if (node.objtype !== 'OBJECT_MATVIEW') {
        throw new QueryError('E0102', 'CREATE TABLE ... AS is not part of the dialect', {
          span: headSpan(tokens, 2),
          hint: 'write CREATE MATERIALIZED VIEW name AS SELECT ...',
        });
      }
      return { ...shellBase(statement, into.rel, options), kind: 'materialized_view', body: body!, columnNames: names(into.colNames) };
    }
    case 'ViewStmt': {
      const relation = node.view as Relation;
      plain(relation, statement);
      const columnNames = names(node.aliases as unknown[] | undefined);
      return { ...shellBase(statement, relation, options), kind: 'view', body: body!, columnNames };
    }
    case 'InsertStmt': {
      const base = shellBase(statement, node.relation as Relation, []);
      if (body === null) throw new QueryError('E0101', 'INSERT needs a SELECT', { span: base.nameSpan });
      return { ...base, kind: 'insert', body, columns: insertColumns(statement, body) };
    }
    case 'CreateFunctionStmt':
      return functionShell(statement, node);
    default:
      throw notInDialect(tokens);
  }
}

function notInDialect(tokens: readonly Token[]): QueryError {
  const words = tokens.filter((token) => token.kind === 'keyword').slice(0, tokens[0]!.upper === 'CREATE' ? 2 : 1);
  return new QueryError('E0102', `${words.map((word) => word.upper).join(' ')} is not part of the dialect`, {
    span: headSpan(tokens, 1),
    hint: 'a query file holds CREATE TABLE, CREATE VIEW, CREATE MATERIALIZED VIEW, CREATE FUNCTION and INSERT INTO ... SELECT',
  });
}

/** The body becomes a bare SELECT, and a table's columns an empty list (DuckDB reads those), so that offsets before them stay right. */
function shellText(statement: Statement, columns: Span | null): string {
  const { source, span, body, tokens } = statement;
  if (body !== null) return `${source.slice(span.start, body.start)}SELECT`;
  if (columns === null || tokens[0]!.upper !== 'CREATE' || !isTable(tokens)) return source.slice(span.start, span.end);
  const blank = ' '.repeat([...source.slice(columns.start + 1, columns.end - 1)].length);
  return `${source.slice(span.start, columns.start)}(${blank})${source.slice(columns.end, span.end)}`;
}

function isTable(tokens: readonly Token[]): boolean {
  return tokens.slice(0, 4).some((token) => token.upper === 'TABLE');
}

/** The parentheses after the name of a table. */
function columnList(tokens: readonly Token[]): Span | null {
  if (!isTable(tokens)) return null;
  const open = tokens.findIndex((token) => token.text === '(');
  if (open < 0 || tokens.slice(0, open).some((token) => token.upper === 'WITH' || token.upper === 'AS')) return null;
  const close = tokens.findIndex((token, index) => index > open && token.text === ')' && token.depth === tokens[open]!.depth - 1);
  if (close < 0) return null;
  return { start: tokens[open]!.start, end: tokens[close]!.end };
}

function shellBase(statement: Statement, relation: Relation, options: readonly RawOption[]): ShellBase {
  const name = relation.relname ?? '';
  const token = statement.tokens.find((each) => each.kind !== 'symbol' && unquote(each.text) === name);
  const nameSpan = token === undefined ? headSpan(statement.tokens, 1) : { start: token.start, end: token.end };
  if (relation.schemaname !== undefined) {
    throw new QueryError('E0102', 'names have no schema before them', { span: nameSpan, hint: `write ${name} alone` });
  }
  if (name.includes('__')) {
    throw new QueryError('E0106', `"${name}" holds two underscores in a row`, {
      span: nameSpan,
      hint: 'such names are kept for what the engine adds: <source>__late, <source>__rejected',
    });
  }
  return { statement, name, nameSpan, options };
}

function plain(relation: Relation, statement: Statement): void {
  if (relation.relpersistence === undefined || relation.relpersistence === 'p') return;
  throw new QueryError('E0102', 'TEMPORARY and UNLOGGED are not part of the dialect', { span: headSpan(statement.tokens, 2) });
}

function headSpan(tokens: readonly Token[], count: number): Span {
  return { start: tokens[0]!.start, end: tokens[Math.min(count, tokens.length) - 1]!.end };
}

function names(list: readonly unknown[] | undefined): string[] {
  return (list ?? []).map((each) => (each as { String: { sval: string } }).String.sval);
}

function insertColumns(statement: Statement, body: Span): { name: string; span: Span }[] {
  const before = statement.tokens.filter((token) => token.end <= body.start);
  const open = before.findIndex((token) => token.text === '(');
  if (open < 0) return [];
  return before
    .slice(open + 1)
    .filter((token) => token.depth === 1 && token.kind !== 'symbol')
    .map((token) => ({ name: unquote(token.text), span: { start: token.start, end: token.end } }));
}

interface TypeName {
  readonly names: readonly { String: { sval: string } }[];
  readonly arrayBounds?: readonly unknown[];
}

function typeName(type: TypeName): string {
  return (type.names.at(-1)?.String.sval ?? '') + '[]'.repeat(type.arrayBounds?.length ?? 0);
}

function functionShell(statement: Statement, node: Record<string, unknown>): Shell {
  const path = names(node.funcname as unknown[]);
  const parameters = ((node.parameters ?? []) as { FunctionParameter: { argType: TypeName } }[]).map((each) =>
    typeName(each.FunctionParameter.argType),
  );
  const base = shellBase(statement, { relname: path.at(-1) ?? '' }, []);
  const returns = node.returnType as TypeName | undefined;
  const options = new Map(
    ((node.options ?? []) as { DefElem: { defname: string; arg?: FunctionOption } }[]).map(({ DefElem }) => [DefElem.defname, DefElem.arg]),
  );
  const language = options.get('language')?.String?.sval;
  if (returns === undefined || language?.toLowerCase() !== 'wasm') {
    throw new QueryError('E0102', `function "${base.name}" is not written in WebAssembly`, {
      span: base.nameSpan,
      hint: "CREATE FUNCTION f(x DOUBLE) RETURNS DOUBLE LANGUAGE wasm IMMUTABLE STRICT AS 'file.wasm', 'export'",
    });
  }
  const [component = '', exported = ''] = names(options.get('as')?.List?.items);
  const declaration = {
    parameters,
    returns: typeName(returns),
    component,
    export: exported === '' ? base.name : exported,
    strict: options.get('strict')?.Boolean?.boolval === true,
    immutable: options.get('volatility')?.String?.sval === 'immutable',
  };
  return { ...base, kind: 'function', declaration };
}

interface FunctionOption {
  readonly String?: { readonly sval: string };
  readonly Boolean?: { readonly boolval?: boolean };
  readonly List?: { readonly items: readonly unknown[] };
}
