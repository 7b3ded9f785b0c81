import type { Diagnostic } from '../diagnostic.ts';

export type DiagnosticFormat = 'text' | 'short' | 'github' | 'json';

/**
 * Diagnostics as one text without a newline at its end. `text`: source line and caret for people; `short`: one line each for editors
 * and grep; `github`: workflow commands; `json`: an array with ranges as the Language Server Protocol has them (lines and columns
 * from 0, columns in code points, a tab is one).
 */
export function renderDiagnostics(
  diagnostics: readonly Diagnostic[],
  options: { format?: DiagnosticFormat; colour?: boolean } = {},
): string {
  switch (options.format ?? 'text') {
    case 'short':
      return diagnostics.map(shortLine).join('\n');
    case 'github':
      return diagnostics.map(githubLine).join('\n');
    case 'json':
      return JSON.stringify(diagnostics.map(languageServerDiagnostic), null, 2);
    case 'text':
      return diagnostics.map((diagnostic) => renderDiagnostic(diagnostic, options.colour ?? false)).join('\n\n');
  }
}

type Paint = (text: string) => string;

function renderDiagnostic(diagnostic: Diagnostic, colour: boolean): string {
  const paint =
    (open: number, close: number): Paint =>
    (text) =>
      colour ? `\u001b[${open}m${text}\u001b[${close}m` : text;
  const strong = paint(1, 22);
  const frame = paint(36, 39);
  const mark = diagnostic.severity === 'error' ? paint(31, 39) : paint(33, 39);
  const head = `${mark(`${diagnostic.severity}[${diagnostic.code}]`)}${strong(`: ${diagnostic.message}`)}`;
  const help = diagnostic.hint === undefined ? [] : [` ${frame('=')} ${strong('help')}: ${diagnostic.hint}`];
  if (diagnostic.line < 1) return [head, ...help.map((line) => ` ${line}`)].join('\n');
  const number = String(diagnostic.line);
  const gap = ' '.repeat(number.length);
  const note = diagnostic.note === undefined ? '' : ` ${diagnostic.note}`;
  const lead = caretLead(diagnostic.sourceLine, diagnostic.column);
  const lines = [
    head,
    `${gap} ${frame('-->')} ${diagnostic.file}:${diagnostic.line}:${diagnostic.column}`,
    `${gap} ${frame(' |')}`,
    `${frame(` ${number} |`)} ${printable(diagnostic.sourceLine)}`,
    `${gap} ${frame(' |')} ${lead}${mark(`${'^'.repeat(diagnostic.length)}${note}`)}`,
  ];
  if (help.length > 0) lines.push(`${gap} ${frame(' |')}`, ...help.map((line) => `${gap} ${line}`));
  return lines.join('\n');
}

/** Keeps tabs, so that the caret stands under its place however wide they are. */
function caretLead(line: string, column: number): string {
  return [...line]
    .slice(0, column - 1)
    .map((each) => (each === '\t' ? '\t' : isWide(each) ? '  ' : ' '))
    .join('');
}

/** Characters that terminals give two cells. */
function isWide(character: string): boolean {
  return /\p{Emoji_Presentation}|[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|[\u{20000}-\u{3fffd}]/u.test(
    character,
  );
}

/** A file must not be able to write to the terminal's controls. */
function printable(line: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is taken out
  return line.replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g, '\ufffd');
}

function shortLine(diagnostic: Diagnostic): string {
  const place = diagnostic.line < 1 ? diagnostic.file : `${diagnostic.file}:${diagnostic.line}:${diagnostic.column}`;
  const hint = diagnostic.hint === undefined ? '' : ` (${diagnostic.hint})`;
  return `${place}: ${diagnostic.severity}[${diagnostic.code}] ${diagnostic.message}${hint}`;
}

function githubLine(diagnostic: Diagnostic): string {
  const property = (text: string): string => escapeData(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
  const line = Math.max(1, diagnostic.line);
  const column = Math.max(1, diagnostic.column);
  const place = `file=${property(diagnostic.file)},line=${line},col=${column},endColumn=${column + diagnostic.length}`;
  const body = [diagnostic.message, diagnostic.note, diagnostic.hint === undefined ? undefined : `help: ${diagnostic.hint}`];
  const text = body.filter((each) => each !== undefined).join('\n');
  return `::${diagnostic.severity} ${place},title=${property(diagnostic.code)}::${escapeData(text)}`;
}

function escapeData(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

function languageServerDiagnostic(diagnostic: Diagnostic): object {
  const line = Math.max(0, diagnostic.line - 1);
  const start = Math.max(0, diagnostic.column - 1);
  return {
    file: diagnostic.file,
    range: { start: { line, character: start }, end: { line, character: start + diagnostic.length } },
    severity: diagnostic.severity === 'error' ? 1 : 2,
    code: diagnostic.code,
    source: 'millrace',
    message: diagnostic.message,
    ...(diagnostic.note === undefined ? {} : { note: diagnostic.note }),
    ...(diagnostic.hint === undefined ? {} : { hint: diagnostic.hint }),
  };
}
