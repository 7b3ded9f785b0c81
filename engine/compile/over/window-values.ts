import type { Expression } from '../../plan/expression.ts';
import type { WindowCall } from '../../plan/plan.ts';
import type { ExpressionScope, Value } from '../expression/contract.ts';
import { assign, nullValue } from '../expression/value.ts';
import { machineOf } from '../machine-type.ts';
import { notSupported } from '../refuse.ts';
import type { RowScope } from '../row-scope.ts';
import { type EntryAccess, valueAt } from './entry-access.ts';
import type { Peers } from './peers.ts';

/** What a function that is not an aggregate reads of the row at hand. */
export interface RowPlace {
  readonly entry: EntryAccess;
  readonly peers: Peers;
  /** i64 expression: rows of the partition before the row at hand, those that are gone too. */
  readonly before: string;
  /** Bounds of the call's frame. */
  readonly from: string;
  readonly to: string;
}

type Template = (scope: RowScope, call: WindowCall, place: RowPlace) => Value;

/** Needs to know which rows are equal in the order. */
export const peerFunctions: ReadonlySet<string> = new Set(['rank', 'dense_rank', 'rank_dense', 'percent_rank', 'cume_dist']);
/** Read a row of the frame. */
export const frameFunctions: ReadonlySet<string> = new Set(['first_value', 'first', 'last_value', 'last', 'nth_value']);
const wholeFunctions: ReadonlySet<string> = new Set(['ntile', 'percent_rank', 'cume_dist', 'lead']);

export function windowFunction(call: WindowCall, complete: boolean): Template | null {
  const template = templates[call.name];
  if (template === undefined) return null;
  if (!complete && wholeFunctions.has(call.name)) throw notSupported(`${call.name} while a partition grows`, call.span);
  return template;
}

function number(call: WindowCall, part: string): Value {
  return { type: call.type, machine: machineOf(call.type), parts: [part], valid: 'true' };
}

/** The row `distance` rows before (lag) or after (lead) the one at hand. */
const shifted =
  (back: boolean): Template =>
  (scope, call, { entry }) => {
    const argument = call.args[0] as Expression;
    const otherwise = call.args[2];
    const distance = offsetOf(call, 1);
    const forward = back === distance >= 0n ? 'back' : 'on';
    if (forward === 'on' && !entry.complete) throw notSupported(`${call.name} of a later row while a partition grows`, call.span);
    const rows = distance < 0n ? -distance : distance;
    const at = scope.name('at');
    const found = scope.name('found');
    if (call.ignoreNulls) {
      if (!entry.complete) throw notSupported(`${call.name} with IGNORE NULLS`, call.span);
      scope.emit(`let ${at} = position;`);
      scope.emit(`let ${found}: u32 = 0;`);
      const more = forward === 'back' ? `${at} > 0` : `${at} + 1 < end`;
      const step = forward === 'back' ? `${at}--;` : `${at}++;`;
      scope.emit(`while (${found} < ${rows} && ${more}) {`);
      scope.emit(`  ${step}`);
      present(scope, entry, argument, at, (valid) => `if (${valid}) ${found}++;`);
      scope.emit('}');
      return valueOr(scope, call, `${found} == ${rows}`, otherwise, entry, at);
    }
    scope.emit(
      forward === 'back'
        ? `const ${at}: u32 = position >= ${rows} ? position - ${rows} : position;`
        : `const ${at}: u32 = position + ${rows} < end ? position + ${rows} : position;`,
    );
    scope.emit(`const ${found} = ${forward === 'back' ? `position >= ${rows}` : `position + ${rows} < end`};`);
    return valueOr(scope, call, found, otherwise, entry, at);
  };

function offsetOf(call: WindowCall, index: number): bigint {
  const offset = call.args[index];
  if (offset === undefined) return 1n;
  if (offset.kind !== 'constant' || typeof offset.value !== 'bigint' || offset.value >= 2n ** 30n || offset.value <= -(2n ** 30n))
    throw notSupported(`${call.name} by a number that is not a constant`, offset.span ?? call.span);
  return offset.value;
}

/** Emits `test` of whether the value of the entry at `at` is not NULL. */
function present(scope: RowScope, entry: EntryAccess, argument: Expression, at: string, test: (valid: string) => string): void {
  const slot = scope.name('entry');
  scope.emit(`const ${slot} = ${entry.at(at)};`);
  scope.emit(test(valueAt(entry, scope, argument, slot).valid));
}

function valueOr(
  scope: RowScope,
  call: WindowCall,
  found: string,
  otherwise: Expression | undefined,
  entry: EntryAccess,
  at: string,
): Value {
  return assign(scope, call.type, (variable) => {
    scope.block(`if (${found})`, (inner: ExpressionScope) => {
      const slot = inner.name('entry');
      inner.emit(`const ${slot} = ${entry.at(at)};`);
      variable.set(inner, valueAt(entry, inner, call.args[0] as Expression, slot));
    });
    scope.block('else', (inner) => {
      if (otherwise === undefined) return variable.set(inner, nullValue(call.type));
      const slot = inner.name('entry');
      inner.emit(`const ${slot} = ${entry.at('position')};`);
      variable.set(inner, valueAt(entry, inner, otherwise, slot));
    });
  });
}

/** The first, last or n-th row of the frame; with IGNORE NULLS of those that have a value. */
const picked =
  (which: 'first' | 'last' | 'nth'): Template =>
  (scope, call, { entry, from, to }) => {
    const argument = call.args[0] as Expression;
    const nth = which === 'nth' ? offsetOf(call, 1) : 1n;
    if (nth < 1n) throw notSupported(`${call.name} of row ${nth}`, call.span);
    const at = scope.name('at');
    const found = scope.name('found');
    if (!call.ignoreNulls) {
      const row = which === 'last' ? `${to} - 1` : `${from} + ${nth - 1n}`;
      scope.emit(`const ${found} = ${to} - ${from} >= ${nth};`);
      scope.emit(`const ${at}: u32 = ${found} ? ${row} : position;`);
      return valueOr(scope, call, found, undefined, entry, at);
    }
    scope.emit(`let ${at} = ${which === 'last' ? to : from};`);
    scope.emit(`let ${found}: u32 = 0;`);
    scope.emit(`for (; ${which === 'last' ? `${at} > ${from}` : `${at} < ${to}`}; ${which === 'last' ? `${at}--` : `${at}++`}) {`);
    present(scope, entry, argument, which === 'last' ? `${at} - 1` : at, (valid) => `if (${valid} && ++${found} == ${nth}) break;`);
    scope.emit('}');
    const place = scope.name('at');
    scope.emit(`const ${place}: u32 = ${found} == ${nth} ? ${which === 'last' ? `${at} - 1` : at} : position;`);
    return valueOr(scope, call, `${found} == ${nth}`, undefined, entry, place);
  };

const ntile: Template = (scope, call) => {
  const parts = offsetOf(call, 0);
  if (parts < 1n) throw notSupported(`ntile(${parts})`, call.span);
  const [tiles, small, large, result] = ['tiles', 'small', 'large', 'tile'].map((hint) => scope.name(hint)) as [
    string,
    string,
    string,
    string,
  ];
  scope.emit(`const ${tiles}: i64 = min<i64>(${parts}, <i64>end);`);
  scope.emit(`const ${small}: i64 = <i64>end / ${tiles};`);
  scope.emit(`const ${large}: i64 = <i64>end - ${tiles} * ${small};`);
  scope.emit(
    `const ${result}: i64 = <i64>position < ${large} * (${small} + 1) ? 1 + <i64>position / (${small} + 1) : 1 + ${large} + (<i64>position - ${large} * (${small} + 1)) / ${small};`,
  );
  return number(call, result);
};

const templates: Readonly<Record<string, Template>> = {
  row_number: (_scope, call, { before }) => number(call, `(${before} + 1)`),
  rank: (_scope, call, { before, peers }) => number(call, `(${before} - <i64>(position - ${peers.start}) + 1)`),
  dense_rank: (_scope, call, { peers }) => number(call, peers.groups),
  rank_dense: (_scope, call, { peers }) => number(call, peers.groups),
  percent_rank: (_scope, call, { peers }) => number(call, `(end > 1 ? <f64>${peers.start} / <f64>(end - 1) : 0.0)`),
  cume_dist: (_scope, call, { peers }) => number(call, `(<f64>${peers.end} / <f64>end)`),
  ntile,
  lag: shifted(true),
  lead: shifted(false),
  first_value: picked('first'),
  first: picked('first'),
  last_value: picked('last'),
  last: picked('last'),
  nth_value: picked('nth'),
};
