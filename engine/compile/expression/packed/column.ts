import type { ColumnAccess, ExpressionScope, Value } from '../contract.ts';
import { bind } from '../value.ts';
import type { OpenList, OpenMap } from './read.ts';
import { beginField, endField, ListWriter, StructWriter } from './write.ts';

export type ListAccess = Extract<ColumnAccess, { kind: 'list' }>;

/** AssemblyScript bool (a local or 'true'): the nested value at `row` is not NULL. */
export function accessValid(scope: ExpressionScope, access: ColumnAccess, row: string): string {
  if (access.validity === null) return 'true';
  return bind(scope, `((<u32>load<u8>(${access.validity} + (${row} >> 3)) >> (<u32>${row} & 7)) & 1) != 0`, 'bool', 'v');
}

/** The value of a nested column at `row` (usize expression), packed. */
export function packColumn(scope: ExpressionScope, access: ColumnAccess, row: string): Value {
  if (access.kind === 'fixed') return scope.load(access, row);
  const valid = accessValid(scope, access, row);
  const id = scope.name('packed');
  scope.emit(`let ${id}: u32 = 0;`);
  const body = (inner: ExpressionScope) => {
    const from = bind(inner, `${inner.module.import('packed', 'packedEnd')}()`, 'u32', 'from');
    appendColumn(inner, access, row);
    inner.emit(`${id} = ${inner.module.import('packed', 'finishPacked')}(${from});`);
  };
  if (valid === 'true') scope.block('', body);
  else scope.block(`if (${valid})`, body);
  return { type: access.type, machine: 'packed', parts: [id], valid };
}

function rowBounds(scope: ExpressionScope, access: ListAccess, row: string): { first: string; count: string } {
  const at = bind(scope, `${access.offsets} + (${row} << 2)`, 'usize', 'a');
  const first = bind(scope, `<usize>load<u32>(${at})`, 'usize', 's');
  return { first, count: bind(scope, `load<u32>(${at}, 4) - <u32>${first}`, 'u32', 'n') };
}

/** Appends the bytes of a valid nested value. */
function appendColumn(scope: ExpressionScope, access: Exclude<ColumnAccess, { kind: 'fixed' }>, row: string): void {
  if (access.kind === 'struct') {
    const writer = new StructWriter(scope, access.children.length);
    for (const child of access.children) {
      if (child.kind === 'fixed') writer.add(scope, scope.load(child, row));
      else writer.put(scope, child.type, accessValid(scope, child, row), (inner) => appendColumn(inner, child, row));
    }
    return;
  }
  const { first, count } = rowBounds(scope, access, row);
  const [items, values] = access.children as [ColumnAccess, ColumnAccess | undefined];
  if (values === undefined) {
    appendList(scope, items, first, count);
    return;
  }
  const keys = beginField(scope);
  appendList(scope, items, first, count);
  endField(scope, keys);
  appendList(scope, values, first, count);
}

function appendList(scope: ExpressionScope, child: ColumnAccess, first: string, count: string): void {
  const writer = new ListWriter(scope, child.type, count);
  const i = scope.name('i');
  scope.block(`for (let ${i}: u32 = 0; ${i} < ${count}; ${i}++)`, (inner) => {
    const at = bind(inner, `${first} + <usize>${i}`, 'usize', 's');
    if (child.kind === 'fixed') writer.set(inner, i, inner.load(child, at));
    else writer.put(inner, i, accessValid(inner, child, at), (deep) => appendColumn(deep, child, at));
  });
}

/** A list column's row, read in place; in a block where it is valid. */
export function openListColumn(scope: ExpressionScope, access: ListAccess, row: string): OpenList {
  const { first, count } = rowBounds(scope, access, row);
  const child = access.children[0] as ColumnAccess;
  return { count, element: (inner, i) => packColumn(inner, child, bind(inner, `${first} + <usize>${i}`, 'usize', 's')) };
}

export function openMapColumn(scope: ExpressionScope, access: ListAccess, row: string): OpenMap {
  const { first, count } = rowBounds(scope, access, row);
  const [keys, values] = access.children as [ColumnAccess, ColumnAccess];
  const at = (inner: ExpressionScope, i: string) => bind(inner, `${first} + <usize>${i}`, 'usize', 's');
  return { count, key: (inner, i) => packColumn(inner, keys, at(inner, i)), value: (inner, i) => packColumn(inner, values, at(inner, i)) };
}
