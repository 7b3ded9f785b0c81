import type { AggregateCall } from '../../plan/plan.ts';
import type { LearningField, LearningFunction } from '../../plan/learning/learning-function.ts';
import { fieldCall, learningFunctions } from '../../plan/learning/learning-functions.ts';
import type { Value } from '../expression/contract.ts';
import type { ListType } from '../expression/packed/shape.ts';
import { loop, optional } from '../expression/packed/source.ts';
import { ListWriter } from '../expression/packed/write.ts';
import { bind } from '../expression/value.ts';
import type { ModuleBuilder } from '../module-builder.ts';
import { notSupported } from '../refuse.ts';
import type { RowScope } from '../row-scope.ts';
import { type Accumulator, type AggregateContext, expressionKey, load, store, type Template } from './accumulator.ts';

/**
 * One model for each partition: fields of the same function with the same parameters read the same state. A series beyond the limit has
 * none, and gives NULL.
 */
function model(context: AggregateContext, call: AggregateCall, learns: LearningFunction): Accumulator {
  const { module } = context;
  const kernel = (verb: string) => module.import(learns.file, `${verb}${learns.model}`);
  if (context.merged) throw notSupported(`${learns.name} over a frame that rows leave`, call.span);
  const key = `model ${learns.name} ${call.parameters.join(' ')} ${call.args.map(expressionKey).join(' ')}`;
  const columns = call.args.length - 1;
  const parameters = [...(learns.values === 'numbers' ? [columns] : []), ...call.parameters].map((parameter) => `<f64>${parameter}`);
  return context.share(call.filter, key, () => {
    const counts = module.seriesCounts();
    return {
      args: call.args,
      fields: [4],
      update(this: Accumulator, values, scope: RowScope) {
        const [at] = this.offsets as [number];
        const state = scope.name('model');
        const moment = values[columns] as Value;
        const learnt = learntValue(module, learns, values.slice(0, columns), moment);
        return [
          `let ${state} = <usize>${load('u32', at)};`,
          `if (${state} == 0 && load<u32>(${counts}) < ${module.seriesMax}) {`,
          `  ${state} = ${kernel('open')}(${parameters.join(', ')});`,
          `  ${store('u32', `<u32>${state}`, at)}`,
          `  store<u32>(${counts}, load<u32>(${counts}) + 1);`,
          '}',
          `if (${state} == 0) store<f64>(${counts}, load<f64>(${counts}, 8) + 1, 8);`,
          'else {',
          ...learnt.statements.map((line) => `  ${line}`),
          `  ${kernel('step')}(${state}, ${learnt.value}, ${moment.parts[0]});`,
          '}',
        ];
      },
      merge() {
        throw new Error('models are not merged');
      },
      ...(learns.values === 'text' && {
        mark(this: Accumulator) {
          const state = load('u32', this.offsets[0] as number);
          return [`if (${state} != 0) ${kernel('mark')}(<usize>${state});`];
        },
      }),
      release(this: Accumulator) {
        const [at] = this.offsets as [number];
        return [
          `if (${load('u32', at)} != 0) {`,
          `  ${kernel('close')}(<usize>${load('u32', at)});`,
          `  store<u32>(${counts}, load<u32>(${counts}) - 1);`,
          `  ${store('u32', '0', at)}`,
          '}',
        ];
      },
      owned(this: Accumulator, slot: string) {
        const state = load('u32', this.offsets[0] as number, slot);
        return `(${state} == 0 ? 0 : ${kernel('bytes')}(<usize>${state}))`;
      },
    };
  });
}

/** Of a row without a time nothing is known, as of a row of NULLs. */
function learntValue(
  module: ModuleBuilder,
  { values: kind }: LearningFunction,
  values: readonly Value[],
  moment: Value,
): { statements: readonly string[]; value: string } {
  const none = kind === 'text' ? '<u32>0xffffffff' : '<f64>NaN';
  const learnt = values.map(({ valid, parts }) => {
    const known = [valid, moment.valid].filter((each) => each !== 'true').join(' && ');
    return known === '' ? (parts[0] as string) : `(${known} ? ${parts[0]} : ${none})`;
  });
  if (kind !== 'numbers') return { statements: [], value: learnt[0] as string };
  const row = `learntRow${learnt.length}`;
  module.declare(`const ${row}: usize = memory.data(${8 * learnt.length}, 16);`);
  return { statements: learnt.map((each, column) => `store<f64>(${row}, ${each}, ${8 * column});`), value: row };
}

function fieldTemplate(learns: LearningFunction, field: LearningField): Template {
  return (context, call) => {
    const accumulator = model(context, call, learns);
    return (scope) => {
      const state = bind(scope, `<usize>${load('u32', accumulator.offsets[0] as number)}`, 'usize', 'model');
      const at = context.module.import(learns.file, field.at);
      if (field.type.kind === 'list') return listOf(context, scope, field.type, `${state} + ${at}`, state, mostOf(learns, field, call));
      const number = bind(scope, `${state} == 0 ? NaN : load<f64>(${state}, ${at})`, 'f64', 'result');
      return { parts: [partOf(context, field, number)], valid: `(${number} == ${number})` };
    };
  };
}

function mostOf({ parameters }: LearningFunction, { most }: LearningField, call: AggregateCall): number {
  if (most === 'columns') return call.args.length - 1;
  return call.parameters[parameters.findIndex(({ name }) => name === most)] as number;
}

/** The numbers before the first NaN; NULL where there are none. */
function listOf({ module }: AggregateContext, scope: RowScope, type: ListType, address: string, state: string, most: number): Value {
  const leading = `${module.import('models/leading-numbers', 'leadingNumbers')}(${address}, ${most})`;
  const count = bind(scope, `${state} == 0 ? 0 : ${leading}`, 'u32', 'count');
  return optional(scope, type, `${count} != 0`, (inner, variable) => {
    const writer = new ListWriter(inner, type.child, count);
    loop(inner, count, (step, k) => {
      const number = bind(step, `load<f64>(${address} + (<usize>${k} << 3))`, 'f64', 'number');
      writer.set(step, k, { type: type.child, machine: 'f64', parts: [number], valid: 'true' });
    });
    variable.set(inner, { type, machine: 'packed', parts: [writer.finish(inner)], valid: 'true' });
  });
}

function partOf({ module }: AggregateContext, { type, texts }: LearningField, number: string): string {
  if (texts !== undefined) {
    return texts.reduceRight((otherwise, text, code) => `(${number} == ${code} ? ${module.stringConstant(text)} : ${otherwise})`, '0');
  }
  if (type.kind === 'varchar') return `<u32>${number}`;
  if (type.kind === 'bigint') return `<i64>${number}`;
  return type.kind === 'boolean' ? `(${number} == 1)` : number;
}

export const learningTemplates: Readonly<Record<string, Template>> = Object.fromEntries(
  learningFunctions.flatMap((learns) => learns.fields.map((field, index) => [fieldCall(learns, index), fieldTemplate(learns, field)])),
);
