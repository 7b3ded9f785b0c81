import type { AggregateCall } from '../../plan/plan.ts';
import { sameType } from '../../plan/type-name.ts';
import type { Value } from '../expression/contract.ts';
import { oneForm } from '../expression/one-form.ts';
import { ListWriter } from '../expression/packed/write.ts';
import { bind } from '../expression/value.ts';
import { isInterned, machineOf, partTypes } from '../machine-type.ts';
import { notSupported } from '../refuse.ts';
import type { RowScope } from '../row-scope.ts';
import { type Accumulator, type AggregateContext, expressionKey, onlyArgument, type Template } from './accumulator.ts';
import { distinctRows } from './distinct-rows.ts';
import { ownership } from './kept-rows.ts';
import { forRows, freshScope, listRows, ofRows } from './row-set.ts';

const numbers = /^(tinyint|smallint|integer|bigint|hugeint|utinyint|usmallint|uinteger|ubigint|float|double)$/;

/** The number at a discrete quantile's place, out of counted buckets of a relative width. */
const approximateQuantile: Template = (context, call) => {
  const { module } = context;
  const argument = onlyArgument(call);
  if (!numbers.test(argument.type.kind)) {
    throw notSupported(
      `${call.name} of ${argument.type.kind}`,
      call.span,
      'its error is relative to the value; use quantile_disc, which is exact',
    );
  }
  const rows = distinctRows(context, call.filter, [argument], 1, !call.distinct, {
    name: 'bucket',
    column: { type: { kind: 'bigint' }, machine: 'i64' },
    of: (scope, value) => bucketOf(context, scope, value),
  });
  const several = call.type.kind === 'list' && !sameType(call.type, argument.type) ? call.type.child : null;
  return (scope) =>
    ofRows(scope, rows, call.type, (inner, variable) => {
      const listing = listRows(module, inner, rows, [{ column: 0, descending: false, nullsFirst: false }]);
      const times = (row: RowScope, entry: string) => (rows.times === null ? '1' : (rows.read(row, rows.times, entry).parts[0] as string));
      const total = inner.name('total');
      inner.emit(`let ${total}: i64 = 0;`);
      forRows(inner, listing, (row, entry) => row.emit(`${total} += ${times(row, entry)};`));
      const pick = (quantile: number): Value => {
        const [before, found] = [inner.name('before'), inner.name('bucket')];
        const place = bind(
          inner,
          `<i64>${module.import('select-word', 'sharePlace')}(${total}, ${quantileText(quantile)})`,
          'i64',
          'place',
        );
        inner.emit(`let ${before}: i64 = 0, ${found}: i64 = 0;`);
        forRows(inner, listing, (row, entry) => {
          row.emit(`${before} += ${times(row, entry)};`);
          row.emit(`if (${place} < ${before}) { ${found} = ${rows.read(row, 0, entry).parts[0]}; break; }`);
        });
        return middleOf(context, inner, found, several ?? call.type);
      };
      if (several === null) {
        variable.set(inner, pick(call.parameters[0] as number));
        return;
      }
      const results = call.parameters.map(pick);
      const writer = new ListWriter(inner, several, String(results.length));
      results.forEach((result, k) => {
        writer.set(inner, String(k), result);
      });
      variable.set(inner, { type: call.type, machine: 'packed', parts: [writer.finish(inner)], valid: 'true' });
    });
};

function bucketOf(context: AggregateContext, scope: RowScope, value: Value): Value {
  const wide = value.machine === 'i128' || value.machine === 'u128';
  const number = wide ? `${context.module.import('hugeint', 'hugeintToDouble')}(${value.parts.join(', ')})` : `<f64>${value.parts[0]}`;
  const bucket = bind(scope, `${context.module.import('quantile-sketch', 'bucketOf')}(${number})`, 'i64', 'bucket');
  return { type: { kind: 'bigint' }, machine: 'i64', parts: [bucket], valid: 'true' };
}

/** The decimal that was written: quantiles come as FLOAT. */
function quantileText(quantile: number): string {
  const written = Number(quantile.toPrecision(7));
  return Number.isInteger(written) ? `${written}.0` : String(written);
}

function middleOf(context: AggregateContext, scope: RowScope, bucket: string, type: Value['type']): Value {
  const machine = machineOf(type);
  const middle = bind(scope, `${context.module.import('quantile-sketch', 'bucketMiddle')}(${bucket})`, 'f64', 'middle');
  if (machine === 'f64' || machine === 'f32')
    return { type, machine, parts: [bind(scope, `<${machine}>${middle}`, machine)], valid: 'true' };
  const whole = `nearest<f64>(${middle})`;
  if (machine === 'i128') {
    const low = bind(scope, `${context.module.import('hugeint', 'doubleToHugeint')}(${whole})`, 'u64', 'low');
    return {
      type,
      machine,
      parts: [low, bind(scope, `<i64>${context.module.import('hugeint', 'high')} + 0`, 'i64', 'top')],
      valid: 'true',
    };
  }
  // Saturating: the middle of the bucket that holds the largest integers may lie beyond them.
  const wide = machine.startsWith('u') ? 'u64' : 'i64';
  const limited =
    machine === wide
      ? `<${wide}>(${whole})`
      : `min<${wide}>(<${wide}>${machine}.MAX_VALUE, max<${wide}>(<${wide}>${machine}.MIN_VALUE, <${wide}>(${whole})))`;
  return { type, machine, parts: [bind(scope, `<${machine}>${limited}`, machine)], valid: 'true' };
}

/** Distinct values that are not NULL, about. */
const approximateCount: Template = (context, call: AggregateCall) => {
  const { module } = context;
  const argument = onlyArgument(call);
  const sketch = (name: string) => module.import('distinct-sketch', name);
  const accumulator = context.share(call.filter, `distinct sketch ${expressionKey(argument)}`, () => ({
    args: [argument],
    fields: [4],
    update(this: Accumulator, values, scope: RowScope) {
      const value = values[0] as Value;
      const inner = freshScope(scope);
      const hash = hashOf(context, oneForm(inner, value, true));
      const lines = [...inner.lines, `${sketch('addHash')}(p + ${this.offsets[0]}, ${hash});`];
      return [value.valid === 'true' ? '{' : `if (${value.valid}) {`, ...lines.map((line) => `  ${line}`), '}'];
    },
    merge(this: Accumulator) {
      const [at] = this.offsets;
      return [`${sketch('mergeHashes')}(p + ${at}, load<u32>(q, ${at}));`];
    },
    ...ownership(context, 8, () => []),
  }));
  return () => ({ parts: [`${sketch('distinctEstimate')}(load<u32>(p, ${accumulator.offsets[0]}))`], valid: 'true' });
};

function hashOf(context: AggregateContext, value: Value): string {
  const sketch = (name: string) => context.module.import('distinct-sketch', name);
  if (isInterned(value.machine)) return `${sketch('mixString')}(0, ${value.parts[0]})`;
  return partTypes(value.machine).reduce((hash, part, k) => {
    const x = value.parts[k] as string;
    const word = part === 'f64' ? `reinterpret<u64>(${x})` : part === 'f32' ? `<u64>reinterpret<u32>(${x})` : `<u64>(${x})`;
    return `${sketch('mixHash')}(${hash}, ${word})`;
  }, '0');
}

export const sketchTemplates: Readonly<Record<string, Template>> = {
  approx_quantile: approximateQuantile,
  approx_count_distinct: approximateCount,
};
