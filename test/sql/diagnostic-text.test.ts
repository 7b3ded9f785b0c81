import { describe, expect, test } from 'vitest';
import { type Diagnostic, QueryError } from '../../engine/diagnostic.ts';
import { renderDiagnostics } from '../../engine/sql/diagnostic-text.ts';
import { SourceText } from '../../engine/sql/source-text.ts';

const text = "SELECT 'é' AS x,\n\tcount(*) FILTER (WHERE statis >= 500) AS errors\nFROM http_logs";

function diagnosticAt(word: string): Diagnostic {
  const source = new SourceText('queries/http/error_ratio.sql', text);
  const start = Buffer.byteLength(text.slice(0, text.indexOf(word)));
  const error = new QueryError('E0204', `unknown column "${word}"`, {
    span: { start, end: start + Buffer.byteLength(word) },
    note: 'not in http_logs',
    hint: 'did you mean "status"?',
  });
  return source.diagnostic(error, { start: 0, end: 1 });
}

describe('diagnostics are shown', () => {
  const diagnostic = diagnosticAt('statis');
  test('with the source line and a caret, tabs kept', () => {
    expect(renderDiagnostics([diagnostic])).toBe(
      [
        'error[E0204]: unknown column "statis"',
        '  --> queries/http/error_ratio.sql:2:25',
        '   |',
        ' 2 | \tcount(*) FILTER (WHERE statis >= 500) AS errors',
        `   | \t${' '.repeat(23)}^^^^^^ not in http_logs`,
        '   |',
        '   = help: did you mean "status"?',
      ].join('\n'),
    );
  });
  test('in one line each', () => {
    expect(renderDiagnostics([diagnostic], { format: 'short' })).toBe(
      'queries/http/error_ratio.sql:2:25: error[E0204] unknown column "statis" (did you mean "status"?)',
    );
  });
  test('as workflow commands', () => {
    expect(renderDiagnostics([diagnostic], { format: 'github' })).toBe(
      '::error file=queries/http/error_ratio.sql,line=2,col=25,endColumn=31,title=E0204::unknown column "statis"%0Anot in http_logs%0Ahelp: did you mean "status"?',
    );
  });
  test('as JSON with ranges from 0', () => {
    const [first] = JSON.parse(renderDiagnostics([diagnostic], { format: 'json' }));
    expect(first).toMatchObject({
      code: 'E0204',
      severity: 1,
      range: { start: { line: 1, character: 24 }, end: { line: 1, character: 30 } },
    });
  });
  test('in colour', () => {
    expect(renderDiagnostics([diagnostic], { colour: true })).toContain('\u001b[31merror[E0204]\u001b[39m');
  });
  test('columns count code points, and a whole file has no place', () => {
    expect(diagnosticAt("'é'")).toMatchObject({ line: 1, column: 8, length: 3 });
    const nowhere: Diagnostic = {
      severity: 'error',
      code: 'E0103',
      message: 'cannot read x',
      file: 'x',
      line: 0,
      column: 0,
      length: 0,
      sourceLine: '',
    };
    expect(renderDiagnostics([nowhere])).toBe('error[E0103]: cannot read x');
  });
  test('control characters of a file do not reach the terminal', () => {
    expect(renderDiagnostics([{ ...diagnostic, sourceLine: 'a\u001b[2Jb' }])).not.toContain('\u001b');
  });
});
