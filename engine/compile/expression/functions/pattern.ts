import type { Value } from '../contract.ts';
import type { FunctionCall, FunctionEntry } from '../function-call.ts';
import { unsupportedPattern } from '../host/regular-expression.ts';
import { bind } from '../value.ts';

const group = 'Patterns';

/** LIKE and its kin. `escapeAt`: argument with the escape character, when there is one. */
function like(call: FunctionCall, kernel: 'like' | 'likeAnyCase', negated: boolean, escapeAt?: number): Value {
  const escapeCharacter = escapeAt === undefined ? null : call.constantText(escapeAt, 'escape character');
  if (escapeCharacter !== null && (escapeCharacter.length > 1 || escapeCharacter.charCodeAt(0) > 127))
    throw call.refuse('LIKE with an escape of more than one ASCII character');
  const code = escapeCharacter === null || escapeCharacter === '' ? 256 : escapeCharacter.charCodeAt(0);
  const pattern = call.constant(1);
  if (typeof pattern === 'string' && code !== 256 && endsInEscape(pattern, escapeCharacter as string))
    throw call.refuse('LIKE with a pattern that ends in its escape');
  if (typeof pattern !== 'string' && code !== 256) throw call.refuse('LIKE with an escape and a pattern that is not a constant');
  const matched = matchText(call, kernel, code, typeof pattern === 'string' ? pattern : null);
  return negated ? { ...matched, parts: [bind(call.scope, `!${matched.parts[0]}`, 'bool')] } : matched;
}

function endsInEscape(pattern: string, escapeCharacter: string): boolean {
  let i = 0;
  while (i < pattern.length) i += pattern[i] === escapeCharacter ? 2 : 1;
  return i > pattern.length;
}

function matchText(call: FunctionCall, kernel: string, escapeCharacter: number, pattern: string | null): Value {
  if (pattern === null) return call.strict(true, ([text, like]) => `${call.import('like', kernel)}(${text}, ${like}, ${escapeCharacter})`);
  const { module } = call.scope;
  const simple = kernel === 'like' && escapeCharacter === 256 ? simplePattern(pattern) : null;
  if (simple !== null) {
    return call.remembered('bool', (id) => `${call.import('search-text', simple.kernel)}(${id}, ${module.stringConstant(simple.text)})`);
  }
  return call.remembered('bool', (id) => `${call.import('like', kernel)}(${id}, ${module.stringConstant(pattern)}, ${escapeCharacter})`);
}

/** `abc%`, `%abc` and `%abc%` need no matcher. */
function simplePattern(pattern: string): { kernel: string; text: string } | null {
  const match = /^(%?)([^%_]+)(%?)$/.exec(pattern);
  if (match === null || (match[1] === '' && match[3] === '')) return null;
  const kernel = match[1] === '' ? 'startsWith' : match[3] === '' ? 'endsWith' : 'containsText';
  return { kernel, text: match[2] as string };
}

interface RegularCall {
  readonly pattern: string;
  readonly flags: number;
  readonly options: string;
}

function regularExpression(call: FunctionCall, optionsAt: number): RegularCall {
  const pattern = call.constantText(1, 'pattern');
  const options = call.args.length > optionsAt ? call.constantText(optionsAt, 'list of options') : '';
  const fault = unsupportedPattern(pattern, options.replaceAll('g', ''));
  if (fault !== null) throw call.refuse(`a regular expression with ${fault}`, 'patterns may use what RE2 and JavaScript read alike');
  let flags = 0;
  for (const option of options) {
    if (option === 'i') flags |= 1;
    else if (option === 'c') flags &= ~1;
    else if (option !== 'g') flags = option === 's' ? flags | 2 : flags & ~2;
  }
  return { pattern: call.scope.module.stringConstant(pattern), flags, options };
}

function matches(call: FunctionCall, full: boolean): Value {
  const { pattern, flags } = regularExpression(call, 2);
  return call.remembered(
    'bool',
    (id) => `${call.import('regular-expression', 'regexpMatches')}(${id}, ${pattern}, ${flags}, ${full ? 1 : 0})`,
  );
}

function extract(call: FunctionCall): Value {
  const group = call.args.length > 2 ? call.constant(2) : 0n;
  if (typeof group !== 'bigint' || call.type.kind !== 'varchar')
    throw call.refuse('regexp_extract with a group that is not a constant number');
  const { pattern, flags } = regularExpression(call, 3);
  return call.remembered('u32', (id) => `${call.import('regular-expression', 'regexpExtract')}(${id}, ${pattern}, ${flags}, ${group})`);
}

function replace(call: FunctionCall): Value {
  const replacement = call.constantText(2, 'replacement');
  if (/\\(?![0-9\\])/.test(replacement.replace(/\\\\/g, '')))
    throw call.refuse('regexp_replace with this replacement', 'write \\0 to \\9 for groups and \\\\ for a backslash');
  const { pattern, flags, options } = regularExpression(call, 3);
  const text = call.scope.module.stringConstant(replacement);
  const all = options.includes('g') ? 1 : 0;
  return call.remembered(
    'u32',
    (id) => `${call.import('regular-expression', 'regexpReplace')}(${id}, ${pattern}, ${flags}, ${text}, ${all})`,
  );
}

export const patternFunctions: readonly FunctionEntry[] = [
  {
    names: ['~~', 'like'],
    group,
    signature: 's LIKE pattern',
    summary: '% stands for any text, _ for one code point',
    compile: (call) => like(call, 'like', false),
  },
  {
    names: ['!~~', 'not_like'],
    group,
    signature: 's NOT LIKE pattern',
    summary: 'The opposite',
    compile: (call) => like(call, 'like', true),
  },
  { names: ['~~*'], group, signature: 's ILIKE pattern', summary: 'LIKE in any case', compile: (call) => like(call, 'likeAnyCase', false) },
  { names: ['!~~*'], group, signature: 's NOT ILIKE pattern', summary: 'The opposite', compile: (call) => like(call, 'likeAnyCase', true) },
  {
    names: ['like_escape'],
    group,
    signature: "s LIKE pattern ESCAPE '!'",
    summary: 'LIKE with an escape character',
    compile: (call) => like(call, 'like', false, 2),
  },
  {
    names: ['not_like_escape'],
    group,
    signature: "s NOT LIKE pattern ESCAPE '!'",
    summary: 'The opposite',
    compile: (call) => like(call, 'like', true, 2),
  },
  {
    names: ['ilike_escape'],
    group,
    signature: "s ILIKE pattern ESCAPE '!'",
    summary: 'ILIKE with an escape character',
    compile: (call) => like(call, 'likeAnyCase', false, 2),
  },
  {
    names: ['not_ilike_escape'],
    group,
    signature: "s NOT ILIKE pattern ESCAPE '!'",
    summary: 'The opposite',
    compile: (call) => like(call, 'likeAnyCase', true, 2),
  },
  {
    names: ['regexp_matches'],
    group,
    signature: 'regexp_matches(s, pattern [, options])',
    summary: 'Whether the pattern matches somewhere',
    compile: (call) => matches(call, false),
  },
  {
    names: ['regexp_full_match'],
    group,
    signature: 's ~ pattern, regexp_full_match(s, pattern [, options])',
    summary: 'Whether the pattern matches the whole text',
    compile: (call) => matches(call, true),
  },
  {
    names: ['regexp_extract'],
    group,
    signature: 'regexp_extract(s, pattern [, group [, options]])',
    summary: "Text of the first match or its group, '' without one",
    compile: extract,
  },
  {
    names: ['regexp_replace'],
    group,
    signature: 'regexp_replace(s, pattern, replacement [, options])',
    summary: "First match replaced; every one with option 'g'",
    compile: replace,
  },
];
