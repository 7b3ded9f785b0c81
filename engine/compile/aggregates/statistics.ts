import type { Expression } from '../../plan/expression.ts';
import type { AggregateCall } from '../../plan/plan.ts';
import type { Value } from '../expression/contract.ts';
import { notSupported } from '../refuse.ts';
import type { RowScope } from '../row-scope.ts';
import { type Accumulator, type AggregateContext, expressionKey, load, onlyArgument, store, type Template } from './accumulator.ts';

/** Statements of a row where all arguments are there. */
function whenPresent(values: readonly Value[], lines: readonly string[]): string[] {
  const conditions = values.flatMap(({ valid }) => (valid === 'true' ? [] : [valid]));
  return [conditions.length === 0 ? '{' : `if (${conditions.join(' && ')}) {`, ...lines.map((line) => `  ${line}`), '}'];
}

function double(context: AggregateContext, argument: Expression, call: AggregateCall): void {
  if (context.describe(argument).machine !== 'f64') throw notSupported(`${call.name} of ${argument.type.kind}`, call.span);
}

/** Count and two means, and the sums of their squared and mixed distances, by Welford's update; merged by Chan's. */
function jointMoments(context: AggregateContext, call: AggregateCall): Accumulator {
  const [y, x] = call.args as [Expression, Expression];
  double(context, y, call);
  double(context, x, call);
  return context.share(call.filter, `joint ${expressionKey(y)} ${expressionKey(x)}`, () => ({
    args: [y, x],
    fields: [8, 8, 8, 8, 8, 8],
    update(this: Accumulator, values) {
      const [n, my, mx, yy, xx, xy] = this.offsets as [number, number, number, number, number, number];
      return whenPresent(values, [
        `const n = ${load('i64', n)} + 1, y = ${values[0]?.parts[0]}, x = ${values[1]?.parts[0]};`,
        `const dy = y - ${load('f64', my)}, dx = x - ${load('f64', mx)};`,
        `const ty = ${load('f64', my)} + dy / <f64>n, tx = ${load('f64', mx)} + dx / <f64>n;`,
        store('i64', 'n', n),
        store('f64', 'ty', my),
        store('f64', 'tx', mx),
        store('f64', `${load('f64', yy)} + dy * (y - ty)`, yy),
        store('f64', `${load('f64', xx)} + dx * (x - tx)`, xx),
        store('f64', `${load('f64', xy)} + dx * (y - ty)`, xy),
      ]);
    },
    merge(this: Accumulator) {
      const [n, my, mx, yy, xx, xy] = this.offsets as [number, number, number, number, number, number];
      const sum = (at: number, extra: string) => store('f64', `${load('f64', at)} + ${load('f64', at, 'q')} + ${extra} * a * b / n`, at);
      const mean = (at: number) => store('f64', `(a * ${load('f64', at)} + b * ${load('f64', at, 'q')}) / n`, at);
      return [
        // A single part stays as it is, infinite values too.
        `if (${load('i64', n)} == 0) { ${this.offsets.map((at) => store('u64', load('u64', at, 'q'), at)).join(' ')} }`,
        `else if (${load('i64', n, 'q')} != 0) {`,
        `  const a = <f64>${load('i64', n)}, b = <f64>${load('i64', n, 'q')}, n = a + b;`,
        `  const dy = ${load('f64', my, 'q')} - ${load('f64', my)}, dx = ${load('f64', mx, 'q')} - ${load('f64', mx)};`,
        `  ${sum(yy, 'dy * dy')} ${sum(xx, 'dx * dx')} ${sum(xy, 'dx * dy')}`,
        `  ${mean(my)} ${mean(mx)} ${store('i64', `${load('i64', n)} + ${load('i64', n, 'q')}`, n)}`,
        '}',
      ];
    },
  }));
}

interface Joint {
  readonly n: string;
  readonly my: string;
  readonly mx: string;
  readonly yy: string;
  readonly xx: string;
  readonly xy: string;
}

/** `result`: part and validity out of the moments. Where `checked` is not finite the query ends, as in DuckDB. */
function joint(result: (m: Joint) => { part: string; valid: string }, checked: ((m: Joint) => string) | null = null): Template {
  return (context, call) => {
    const moments = jointMoments(context, call);
    return (scope) => {
      const [n, my, mx, yy, xx, xy] = moments.offsets.map((at, k) => load(k === 0 ? 'i64' : 'f64', at)) as [
        string,
        string,
        string,
        string,
        string,
        string,
      ];
      const all = { n, my, mx, yy, xx, xy };
      const { part, valid } = result(all);
      const local = scope.name('result');
      scope.emit(`const ${local} = ${part};`);
      if (checked !== null) failUnlessFinite(context, scope, checked(all), `(${valid})`);
      return { parts: [local], valid: `(${valid})` };
    };
  };
}

function failUnlessFinite(context: AggregateContext, scope: RowScope, value: string, valid: string): void {
  const fault = `${context.module.import('fault', 'fail')}(${context.module.import('fault', 'faultOverflow')})`;
  scope.emit(`if (${valid} && !isFinite<f64>(${value})) ${fault};`);
}

/** Sums of powers up to the fourth, as DuckDB keeps them. */
function powers(context: AggregateContext, call: AggregateCall): Accumulator {
  const argument = onlyArgument(call);
  double(context, argument, call);
  return context.share(call.filter, `powers ${expressionKey(argument)}`, () => ({
    args: [argument],
    fields: [8, 8, 8, 8, 8],
    update(this: Accumulator, values) {
      const [n, ...sums] = this.offsets as [number, ...number[]];
      return whenPresent(values, [
        `const x = ${values[0]?.parts[0]}, x2 = x * x, x3 = x2 * x;`,
        store('i64', `${load('i64', n)} + 1`, n),
        ...['x', 'x2', 'x3', 'x3 * x'].map((power, k) => store('f64', `${load('f64', sums[k] as number)} + ${power}`, sums[k] as number)),
      ]);
    },
    merge(this: Accumulator) {
      return this.offsets.map((at, k) => {
        const type = k === 0 ? 'i64' : 'f64';
        return store(type, `${load(type, at)} + ${load(type, at, 'q')}`, at);
      });
    },
  }));
}

const skewness: Template = (context, call) => {
  const sums = powers(context, call);
  return (scope) => {
    const [count, s1, s2, s3] = sums.offsets as [number, number, number, number];
    const [n, q, r, part] = [scope.name('n'), scope.name('q'), scope.name('r'), scope.name('skew')];
    scope.emit(`const ${n} = <f64>${load('i64', count)}, ${q} = 1.0 / ${n};`);
    scope.emit(`const ${r} = ${q} * (${load('f64', s2)} - ${load('f64', s1)} * ${load('f64', s1)} * ${q});`);
    const third = `${load('f64', s3)} - 3.0 * ${load('f64', s2)} * ${load('f64', s1)} * ${q} + 2.0 * Math.pow(${load('f64', s1)}, 3.0) * ${q} * ${q}`;
    const root = `Math.pow(max<f64>(${r}, 0.0), 1.5)`;
    scope.emit(`const ${part} = Math.sqrt(${n} * (${n} - 1.0)) / (${n} - 2.0) * ${q} * (${third}) / ${root};`);
    const valid = scope.name('v');
    scope.emit(`const ${valid}: bool = ${n} > 2.0 && ${root} != 0.0;`);
    failUnlessFinite(context, scope, part, valid);
    return { parts: [part], valid };
  };
};

const kurtosis =
  (sample: boolean): Template =>
  (context, call) => {
    const sums = powers(context, call);
    return (scope) => {
      const [count, s1, s2, s3, s4] = sums.offsets.map((at, k) => load(k === 0 ? 'i64' : 'f64', at)) as [
        string,
        string,
        string,
        string,
        string,
      ];
      const name = (hint: string) => scope.name(hint);
      const [n, t, m4, m2, part, valid] = [name('n'), name('t'), name('m'), name('m'), name('kurtosis'), name('v')];
      scope.emit(`const ${n} = <f64>${count}, ${t} = 1.0 / ${n};`);
      scope.emit(
        `const ${m4} = ${t} * (${s4} - 4.0 * ${s3} * ${s1} * ${t} + 6.0 * ${s2} * ${s1} * ${s1} * ${t} * ${t} - 3.0 * Math.pow(${s1}, 4.0) * Math.pow(${t}, 3.0));`,
      );
      scope.emit(`let ${m2} = ${t} * (${s2} - ${s1} * ${s1} * ${t});`);
      scope.emit(`const ${valid}: bool = ${n} > ${sample ? '3.0' : '1.0'} && ${m2} > 0.0;`);
      const full = sample
        ? `(${n} - 1.0) * ((${n} + 1.0) * ${m4} / (${m2} * ${m2}) - 3.0 * (${n} - 1.0)) / ((${n} - 2.0) * (${n} - 3.0))`
        : `${m4} / (${m2} * ${m2}) - 3.0`;
      scope.emit(`const ${part} = ${full};`);
      failUnlessFinite(context, scope, part, valid);
      return { parts: [part], valid };
    };
  };

const some = (n: string) => `${n} != 0`;

export const statisticTemplates: Readonly<Record<string, Template>> = {
  covar_pop: joint(
    ({ n, xy }) => ({ part: `${xy} / <f64>${n}`, valid: some(n) }),
    ({ xy }) => xy,
  ),
  covar_samp: joint(
    ({ n, xy }) => ({ part: `${xy} / <f64>(${n} - 1)`, valid: `${n} > 1` }),
    ({ xy }) => xy,
  ),
  // 0 / 0 where one side does not vary: NaN, as in DuckDB.
  corr: joint(
    ({ n, xx, yy, xy }) => ({
      part: `(${xy} / <f64>${n}) / (Math.sqrt(${xx} / <f64>${n}) * Math.sqrt(${yy} / <f64>${n}))`,
      valid: some(n),
    }),
    ({ xx, yy }) => `${xx} + ${yy}`,
  ),
  regr_count: (context, call) => {
    const moments = jointMoments(context, call);
    return () => ({ parts: [`<u32>${load('i64', moments.offsets[0] as number)}`], valid: 'true' });
  },
  regr_avgx: joint(({ n, mx }) => ({ part: mx, valid: some(n) })),
  regr_avgy: joint(({ n, my }) => ({ part: my, valid: some(n) })),
  regr_sxx: joint(
    ({ n, xx }) => ({ part: xx, valid: some(n) }),
    ({ xx }) => xx,
  ),
  regr_syy: joint(
    ({ n, yy }) => ({ part: yy, valid: some(n) }),
    ({ yy }) => yy,
  ),
  regr_sxy: joint(
    ({ n, xy }) => ({ part: xy, valid: some(n) }),
    ({ xy }) => xy,
  ),
  regr_slope: joint(({ n, xx, xy }) => ({ part: `${xy} / ${xx}`, valid: some(n) })),
  regr_intercept: joint(({ n, xx, xy, mx, my }) => ({ part: `${my} - ${xy} / ${xx} * ${mx}`, valid: `${n} != 0 && ${xx} != 0` })),
  regr_r2: joint(({ n, xx, yy, xy }) => ({ part: `${yy} == 0 ? 1.0 : ${xy} * ${xy} / (${xx} * ${yy})`, valid: `${n} != 0 && ${xx} != 0` })),
  skewness,
  kurtosis: kurtosis(true),
  kurtosis_pop: kurtosis(false),
};
