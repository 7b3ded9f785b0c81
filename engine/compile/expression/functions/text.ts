import { concatenateLists, listContains } from './list.ts';
import type { Value } from '../contract.ts';
import type { FunctionCall, FunctionEntry } from '../function-call.ts';
import { allValid, assign, compute } from '../value.ts';

const group = 'Text';
/** Kernel file of each function that is not in change-text.ts. */
const files: Readonly<Record<string, string>> = {
  substring: 'substring',
  leftPart: 'substring',
  rightPart: 'substring',
  characterCount: 'substring',
  byteCount: 'substring',
  splitPart: 'split-text',
  containsText: 'search-text',
  startsWith: 'search-text',
  endsWith: 'search-text',
  findPosition: 'search-text',
  replaceText: 'search-text',
};

function fileOf(name: string): string {
  return files[name] ?? 'change-text';
}

/** A function of a text whose answer is a text; remembered when everything else is constant. */
function textToText(call: FunctionCall, name: string, more: readonly (string | number)[] = []): Value {
  if (call.argument(0).type.kind !== 'varchar') throw call.refuse();
  if (!call.constantsAfterFirst()) return call.kernel(fileOf(name), name, { more });
  return call.remembered('u32', (id) => {
    const rest = call.values(1).flatMap((value) => value.parts);
    return `${call.import(fileOf(name), name)}(${[id, ...rest, ...more].join(', ')})`;
  });
}

function entry(names: readonly string[], signature: string, summary: string, name: string): FunctionEntry {
  return { names, group, signature, summary, compile: (call) => textToText(call, name) };
}

/** A function of a text with an answer of another type. */
function measure(names: readonly string[], signature: string, summary: string, name: string): FunctionEntry {
  return {
    names,
    group,
    signature,
    summary,
    compile: (call) => {
      if (call.argument(0).type.kind !== 'varchar') throw call.refuse();
      return call.kernel(fileOf(name), name);
    },
  };
}

function trim(names: readonly string[], signature: string, summary: string, sides: number): FunctionEntry {
  return {
    names,
    group,
    signature,
    summary,
    compile: (call) => {
      if (call.args.length === 2) return textToText(call, 'trimSet', [sides]);
      const space = call.scope.module.stringConstant(' ');
      return call.remembered('u32', (id) => `${call.import('change-text', 'trimSet')}(${id}, ${space}, ${sides})`);
    },
  };
}

function substring(call: FunctionCall): Value {
  return textToText(call, 'substring', call.args.length === 2 ? ['4294967295'] : []);
}

/** NULL arguments count as nothing. */
function concatenate(call: FunctionCall): Value {
  const values = call.values();
  if (values.some((value) => value.machine !== 'string')) throw call.refuse();
  return compute(call.scope, call.type, 'true', false, (scope) => {
    scope.emit(`${call.import('text-builder', 'beginText')}();`);
    const put = call.import('text-builder', 'putString');
    for (const value of values) {
      if (value.valid === 'true') scope.emit(`${put}(${value.parts[0]});`);
      else if (value.valid !== 'false') scope.emit(`if (${value.valid}) ${put}(${value.parts[0]});`);
    }
    return { parts: [`${call.import('text-builder', 'finishText')}()`] };
  });
}

function operatorConcatenate(call: FunctionCall): Value {
  if (call.type.kind === 'list') return concatenateLists(call);
  if (call.values().some((value) => value.machine !== 'string')) throw call.refuse();
  return call.kernel('change-text', 'concatenate');
}

/** Separator between the arguments that are not NULL; NULL when the separator is. */
function concatenateWith(call: FunctionCall): Value {
  const values = call.values();
  const separator = values[0] as Value;
  if (values.some((value) => value.machine !== 'string')) throw call.refuse();
  return compute(call.scope, call.type, separator.valid, true, (scope) => {
    const put = call.import('text-builder', 'putString');
    scope.emit(`${call.import('text-builder', 'beginText')}();`);
    const started = scope.name('c');
    scope.emit(`let ${started}: bool = false;`);
    for (const value of values.slice(1)) {
      if (value.valid === 'false') continue;
      scope.emit(`if (${value.valid}) { if (${started}) ${put}(${separator.parts[0]}); ${put}(${value.parts[0]}); ${started} = true; }`);
    }
    return { parts: [`${call.import('text-builder', 'finishText')}()`] };
  });
}

function contains(call: FunctionCall): Value {
  if (call.argument(0).type.kind !== 'varchar') throw call.refuse();
  return test(call, 'containsText');
}

function test(call: FunctionCall, name: string): Value {
  if (!call.constantsAfterFirst()) return call.kernel(fileOf(name), name);
  return call.remembered('bool', (id) => `${call.import(fileOf(name), name)}(${id}, ${call.value(1).parts[0]})`);
}

/** Element of string_split without the list. */
export function splitElement(call: FunctionCall, split: FunctionCall): Value {
  const [text, separator, index] = [split.value(0), split.value(1), call.value(1)];
  const valid = allValid(call.scope, [text, index]);
  return assign(call.scope, call.type, (variable) => {
    const found = call.scope.name('c');
    const parts = [text.parts[0], separator.parts[0], index.parts[0]].join(', ');
    const split = `${call.import('split-text', 'splitAt')}(${parts})`;
    // Without a separator the text is the only part.
    const whole = `${call.import('split-text', 'splitWhole')}(${text.parts[0]}, ${index.parts[0]})`;
    const finding = separator.valid === 'true' ? split : `${separator.valid} ? ${split} : ${whole}`;
    call.scope.emit(`let ${found}: bool = false;`);
    call.scope.block(`if (${valid})`, (inner) => inner.emit(`${found} = ${finding};`));
    call.scope.block(`if (${found})`, (inner) => {
      variable.set(inner, { type: call.type, machine: 'string', parts: [`${call.import('split-text', 'foundPart')}()`], valid: found });
    });
  });
}

export const textFunctions: readonly FunctionEntry[] = [
  { names: ['||'], group, signature: 'a || b', summary: 'Both texts, or lists; NULL when one is', compile: operatorConcatenate },
  { names: ['concat'], group, signature: 'concat(a, b, ...)', summary: 'All texts, NULLs left out', compile: concatenate },
  {
    names: ['concat_ws'],
    group,
    signature: 'concat_ws(separator, a, ...)',
    summary: 'Texts with a separator between, NULLs left out',
    compile: concatenateWith,
  },
  entry(['lower', 'lcase'], 'lower(s)', 'Lower case, by code point', 'lowerCase'),
  entry(['upper', 'ucase'], 'upper(s)', 'Upper case, by code point', 'upperCase'),
  {
    names: ['substring', 'substr'],
    group,
    signature: 'substring(s, start [, length])',
    summary: 'Code points from start (1 is the first, negative from the end)',
    compile: substring,
  },
  entry(['left'], 'left(s, n)', 'First n code points; without the last n when negative', 'leftPart'),
  entry(['right'], 'right(s, n)', 'Last n code points; without the first n when negative', 'rightPart'),
  trim(['trim'], 'trim(s [, characters])', 'Without spaces, or characters, at both ends', 3),
  trim(['ltrim'], 'ltrim(s [, characters])', 'The same at the start', 1),
  trim(['rtrim'], 'rtrim(s [, characters])', 'The same at the end', 2),
  entry(['replace'], 'replace(s, from, to)', 'Every `from` replaced', 'replaceText'),
  entry(['reverse'], 'reverse(s)', 'Code points backwards', 'reverseText'),
  entry(['repeat'], 'repeat(s, n)', 's n times', 'repeatText'),
  entry(['lpad'], 'lpad(s, n, pad)', 'Padded or cut to n code points at the left', 'padLeft'),
  entry(['rpad'], 'rpad(s, n, pad)', 'Padded or cut to n code points at the right', 'padRight'),
  entry(
    ['split_part'],
    'split_part(s, separator, n)',
    "Part n between separators, '' when there is none; string_split(s, separator)[n] gives NULL then",
    'splitPart',
  ),
  measure(['strlen'], 'strlen(s)', 'Bytes', 'byteCount'),
  measure(
    ['strpos', 'instr', 'position'],
    'strpos(s, part), position(part IN s)',
    'Position of part in code points from 1, 0 when absent',
    'findPosition',
  ),
  {
    names: ['ascii', 'unicode', 'ord'],
    group,
    signature: 'ascii(s), unicode(s)',
    summary: "Code point of the first character; of '' 0 and -1",
    compile: (call) => call.kernel('change-text', 'firstCodePoint', { more: [call.name === 'ascii' ? 0 : -1] }),
  },
  {
    names: ['chr'],
    group,
    signature: 'chr(n)',
    summary: 'Character of a code point',
    compile: (call) => call.kernel('change-text', 'characterOf'),
  },
  {
    names: ['contains'],
    group,
    signature: 'contains(s, part)',
    summary: 'Whether part stands in s',
    compile: (call) => (call.argument(0).type.kind === 'list' ? listContains(call) : contains(call)),
  },
  {
    names: ['starts_with', 'prefix', '^@'],
    group,
    signature: 'starts_with(s, prefix)',
    summary: 'Whether s begins with prefix',
    compile: (call) => test(call, 'startsWith'),
  },
  {
    names: ['ends_with', 'suffix'],
    group,
    signature: 'ends_with(s, suffix)',
    summary: 'Whether s ends with suffix',
    compile: (call) => test(call, 'endsWith'),
  },
];
