/**
 * RE2 patterns run by JavaScript's engine. Only what means the same in both is taken (`unsupportedPattern` names the rest); where the
 * two differ in detail the pattern is translated.
 */

const groupOpening = /^\?(?::|P?<[A-Za-z_]\w*>|([is]+)\))/;
const punctuation = /[^A-Za-z0-9\s]/;
const quantifier = /^(?:[*+]|\{\d)/;
/** Letters that ignoring case adds to JavaScript's \w: long s and the Kelvin sign. */
const folded = '\\u017f\\u212a';

/** What in a pattern JavaScript would read otherwise than RE2, or null. Options are DuckDB's letters. */
export function unsupportedPattern(pattern: string, options: string): string | null {
  const letter = [...options].find((option) => !'cimnps'.includes(option));
  if (letter !== undefined) return `option '${letter}'`;
  const found = scan(pattern);
  if (found !== null) return found;
  try {
    compilePattern(pattern, options);
    return null;
  } catch {
    return 'syntax';
  }
}

function scan(pattern: string): string | null {
  const captures: boolean[] = [];
  for (let i = 0; i < pattern.length; i++) {
    const rest = pattern.slice(i + 1);
    switch (pattern[i]) {
      case '\\': {
        const found = scanEscape(rest);
        if (found !== null) return found;
        i++;
        break;
      }
      case '(': {
        const opening = rest[0] === '?' ? groupOpening.exec(rest) : null;
        if (rest[0] === '?' && (opening === null || (opening[1] !== undefined && i !== 0))) return `group (${rest.slice(0, 3)}`;
        if (opening?.[1] !== undefined) i += opening[0].length;
        else captures.push(opening === null || opening[0] !== '?:');
        break;
      }
      case ')': {
        // JavaScript forgets the captures of earlier rounds, RE2 keeps them.
        const repeated = quantifier.test(rest);
        if (captures.pop() && captures.length > 0) captures[captures.length - 1] = true;
        if (repeated && /\((?!\?:)/.test(pattern.slice(openingOf(pattern, i) + 1, i))) return 'capture inside a repeated group';
        break;
      }
      case '[': {
        const end = scanClass(pattern, i);
        if (typeof end === 'string') return end;
        i = end;
        break;
      }
      case '{':
        if (!/^\d+(,\d*)?\}/.test(rest)) return 'brace';
        i += rest.indexOf('}') + 1;
        if (pattern[i + 1] === '+') return 'repeated quantifier';
        break;
      case '*':
      case '+':
      case '?':
        if ('*+'.includes(rest[0] ?? ' ')) return 'repeated quantifier';
        break;
      case '}':
      case ']':
        return 'unpaired bracket';
    }
  }
  return null;
}

/** Index of the bracket that the one at `close` closes. */
function openingOf(pattern: string, close: number): number {
  const open: number[] = [];
  for (let i = 0; i < close; i++) {
    if (pattern[i] === '\\') i++;
    else if (pattern[i] === '[') i = Math.max(i, Number(scanClass(pattern, i)) || i);
    else if (pattern[i] === '(') open.push(i);
    else if (pattern[i] === ')') open.pop();
  }
  return open.at(-1) ?? 0;
}

function scanEscape(rest: string): string | null {
  const next = rest[0] ?? '';
  if (next === '') return 'trailing \\';
  if ('dDwWsSbBtnrfvAz'.includes(next) || punctuation.test(next)) return null;
  if (next === 'x' && /^x[0-9a-fA-F]{2}/.test(rest)) return null;
  return `escape \\${next}`;
}

/** Index of the class's closing bracket, or what is wrong with it. */
function scanClass(pattern: string, start: number): number | string {
  let i = pattern[start + 1] === '^' ? start + 2 : start + 1;
  if (pattern[i] === ']') return 'class that begins with ]';
  for (; i < pattern.length; i++) {
    const character = pattern[i] as string;
    if (character === ']') return i;
    if (character === '[') return 'class within a class';
    if (character !== '\\') continue;
    const next = pattern[++i] ?? '';
    if (!'dDwsStnrfv'.includes(next) && !punctuation.test(next)) return `escape \\${next}`;
    if (next === 'S') return 'escape \\S in a class';
  }
  return 'unclosed class';
}

/** RE2's \s lacks the vertical tab and Unicode's spaces, and its dot stops at \n only. */
function translate(pattern: string, dotAll: boolean, ignoreCase: boolean): string {
  let out = '';
  let inClass = false;
  for (let i = 0; i < pattern.length; i++) {
    const character = pattern[i] as string;
    if (character === '\\') out += translateEscape(pattern[++i] as string, inClass, ignoreCase);
    else if (character === '.' && !inClass) out += dotAll ? '[\\s\\S]' : '[^\\n]';
    else if (character === '(' && pattern.startsWith('(?P<', i)) {
      out += '(?<';
      i += 3;
    } else {
      if (character === '[') inClass = true;
      else if (character === ']') inClass = false;
      out += character;
    }
  }
  return out;
}

function translateEscape(next: string, inClass: boolean, ignoreCase: boolean): string {
  if (next === 's') return inClass ? '\\t\\n\\f\\r ' : '[\\t\\n\\f\\r ]';
  if (next === 'S') return '[^\\t\\n\\f\\r ]';
  if (next === 'A') return '(?<![\\s\\S])';
  if (next === 'z') return '(?![\\s\\S])';
  if (ignoreCase && !inClass && 'wWbB'.includes(next)) return asciiWord(next);
  if (/[A-Za-z0-9]/.test(next) || '^$\\.*+?()[]{}|/'.includes(next) || (inClass && next === '-')) return `\\${next}`;
  return next;
}

function asciiWord(letter: string): string {
  const word = `(?![${folded}])\\w`;
  if (letter === 'w') return `(?:${word})`;
  if (letter === 'W') return `(?:[${folded}]|\\W)`;
  const behind = `(?<=(?:${word}))`;
  const ahead = `(?=(?:${word}))`;
  const notBehind = behind.replace('<=', '<!');
  const notAhead = ahead.replace('?=', '?!');
  return letter === 'b' ? `(?:${behind}${notAhead}|${notBehind}${ahead})` : `(?:${behind}${ahead}|${notBehind}${notAhead})`;
}

export function compilePattern(pattern: string, options: string): RegExp {
  const leading = /^\(\?([is]+)\)/.exec(pattern);
  let ignoreCase = false;
  let dotAll = false;
  for (const flag of options + (leading?.[1] ?? '')) {
    if (flag === 'i') ignoreCase = true;
    else if (flag === 'c') ignoreCase = false;
    else dotAll = flag === 's';
  }
  const body = leading === null ? pattern : pattern.slice(leading[0].length);
  return new RegExp(translate(body, dotAll, ignoreCase), `gu${ignoreCase ? 'i' : ''}`);
}

export function matchesPattern(expression: RegExp, text: string, full: boolean): boolean {
  if (full) return new RegExp(`^(?:${expression.source})$`, expression.flags.replace('g', '')).test(text);
  expression.lastIndex = 0;
  return expression.test(text);
}

/** The group's text in the first match; '' when there is none. */
export function extractGroup(expression: RegExp, text: string, group: number): string {
  expression.lastIndex = 0;
  return expression.exec(text)?.[group] ?? '';
}

/** `replacement` has \0 .. \9 and \\. An empty match right after another match is none. */
export function replaceMatches(expression: RegExp, text: string, replacement: string, all: boolean): string {
  let out = '';
  let done = 0;
  let matchedTo = -1;
  expression.lastIndex = 0;
  for (let match = expression.exec(text); match !== null; match = expression.exec(text)) {
    const end = match.index + match[0].length;
    if (match[0] === '') expression.lastIndex = end + ((text.codePointAt(end) ?? 0) > 0xffff ? 2 : 1);
    if (match[0] === '' && match.index === matchedTo) continue;
    out += text.slice(done, match.index) + rewrite(replacement, match);
    done = end;
    matchedTo = end;
    if (!all) break;
  }
  return out + text.slice(done);
}

function rewrite(replacement: string, match: RegExpExecArray): string {
  return replacement.replace(/\\([0-9\\])/g, (_, code: string) => (code === '\\' ? '\\' : (match[Number(code)] ?? '')));
}
