import type { OptionSpecs } from '../options.ts';

/** How lines of CSV are written, in messages and in files. */
export const csvOptions: OptionSpecs = {
  delimiter: { type: 'text', description: 'CSV: the one character between fields; `tab` for a tabulator.', default: ',', example: ';' },
  quote: { type: 'text', description: 'CSV: the one character around quoted fields, doubled inside them; `none` for none.', default: '"' },
  null: {
    type: 'text',
    description: 'CSV: an unquoted field with this text is NULL, as an empty unquoted field is.',
    example: 'NA',
  },
};

/** The byte that an option stands for, `meaning` for its word; NaN: it is not one ASCII character. */
export function byteOption(text: string, word: string, meaning: number): number {
  if (text.toLowerCase() === word) return meaning;
  if (text === '\\t') return 9;
  const code = text.charCodeAt(0);
  return text.length !== 1 || code > 126 || code === 10 || code === 13 ? Number.NaN : code;
}
