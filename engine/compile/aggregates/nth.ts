import { notSupported } from '../refuse.ts';
import { type Accumulator, expressionKey, load, store, type Template } from './accumulator.ts';
import { KeptValue } from './kept-value.ts';

const rowsMax = 2n ** 30n;

/** The value of the n-th row, NULL or not; NULL as long as there are fewer. */
const nth: Template = (context, call) => {
  const [argument, place] = call.args;
  if (argument === undefined || place?.kind !== 'constant' || typeof place.value !== 'bigint')
    throw notSupported('nth_value by a number that is not a constant', place?.span ?? call.span);
  const number = place.value;
  if (number < 1n || number >= rowsMax) throw notSupported(`nth_value of row ${number}`, place.span ?? call.span);
  const described = context.describe(argument);
  const kept = new KeptValue(described, 0);
  const [rowsAt, presentAt] = [kept.fields.length, kept.fields.length + 1];
  const accumulator = context.share(call.filter, `nth ${number} ${expressionKey(argument)}`, () => ({
    args: [argument],
    fields: [...kept.fields, 4, 4],
    update(this: Accumulator, [value]) {
      const rows = this.offsets[rowsAt] as number;
      const present = value?.valid === 'true' ? '1' : `<u32>(${value?.valid})`;
      const take = `${kept.store(this.offsets, value?.parts ?? [])} ${store('u32', present, this.offsets[presentAt] as number)}`;
      return [
        `if (${load('u32', rows)} < ${number}) {`,
        `  ${store('u32', `${load('u32', rows)} + 1`, rows)}`,
        `  if (${load('u32', rows)} == ${number}) { ${take} }`,
        '}',
      ];
    },
    merge(): never {
      throw new Error('the n-th row of a frame is found row by row');
    },
    mark(this: Accumulator) {
      return kept.mark(context.module, this.offsets);
    },
  }));
  return () => {
    const { parts } = kept.value(accumulator.offsets, 'true');
    return { parts, valid: `(${load('u32', accumulator.offsets[presentAt] as number)} != 0)` };
  };
};

/** Not functions of SQL: how a frame that only grows remembers. */
export const frameTemplates: Readonly<Record<string, Template>> = { nth };
