import { describe, expect, it } from 'vitest';
import { compareAnswer } from '../../engine/test-runner/compare-answer.ts';
import { correctTest } from '../../engine/test-runner/correct-test.ts';
import { parseTest } from '../../engine/test-runner/parse-test.ts';
import { expandSeries } from '../../engine/test-runner/series.ts';
import { alignRows, cellText, splitCells } from '../../engine/test-runner/split-cells.ts';
import { TestFault } from '../../engine/test-runner/test-step.ts';
import { microsText, parseTime } from '../../engine/test-runner/test-time.ts';

describe('series', () => {
  it.each([
    ['1+2x10', [1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21]],
    ['10-3x2', [10, 7, 4]],
    ['-1-1x2', [-1, -2, -3]],
    ['5x2', [5, 5, 5]],
    ['0.1+0.1x3', ['0.1', '0.2', '0.3', '0.4']],
    ['1-0.25x2', ['1.00', '0.75', '0.50']],
    ['_x2 7', ['NULL', 'NULL', 7]],
    ['1 _ 3x1', [1, 'NULL', 3, 3]],
    ['7+0x0', [7]],
  ])('%s', (text, values) => {
    expect(expandSeries(text)).toEqual(values.map(String));
  });

  it.each(['1', '-2.5', 'NULL', 'x3', '1+x3', '1+2x', 'a1+2x3', '1x3 b', '1x999999999'])('%s is none', (text) => {
    expect(expandSeries(text)).toBeNull();
  });
});

describe('cells', () => {
  it('stand apart by two blanks, a tab or a bar', () => {
    expect(splitCells("a b  1\tNULL | 'it''s  \\n'  ''").map((cell) => [cell.text, cell.quoted])).toEqual([
      ['a b', false],
      ['1', false],
      ['NULL', false],
      ["it's  \n", true],
      ['', true],
    ]);
  });

  it('can be written and read again, whatever they hold', () => {
    const texts = [
      '',
      'a',
      ' a',
      'a ',
      'a  b',
      "'",
      "it's",
      "''",
      'a\nb\tc\\',
      'NULL',
      '(empty)',
      '----',
      '# x',
      'a | b',
      '|',
      '\\n',
      'a|',
    ];
    for (const value of [...texts, null]) {
      const { text, quoted } = splitCells(`x  ${cellText(value)}  y`)[1] as { text: string; quoted: boolean };
      const read = quoted ? text : text === 'NULL' ? null : text === '(empty)' ? '' : text;
      expect(read).toBe(value);
    }
  });

  it('stand below one another', () => {
    expect(
      alignRows([
        ['a', '1'],
        ['long', 'NULL'],
        ['ü', '3'],
      ]),
    ).toEqual(['a     1', 'long  NULL', 'ü     3']);
  });
});

describe('times', () => {
  it('of a day are of the first of January', () => {
    expect(parseTime('00:01:00')).toBe(BigInt(Date.UTC(2026, 0, 1, 0, 1)) * 1000n);
    expect(parseTime('00:01')).toBe(parseTime('2026-01-01 00:01:00'));
    expect(microsText(parseTime('1999-12-31T23:59:59.999999Z') as bigint)).toBe('1999-12-31 23:59:59.999999');
    expect(microsText(parseTime('1969-12-31 23:59:59.5') as bigint)).toBe('1969-12-31 23:59:59.500000');
    expect(['1', '24 hours', '2026-13-01', '', '00:61:00'].map(parseTime)).toEqual([null, null, null, null, null]);
  });
});

describe('answers', () => {
  const types = ['TIMESTAMP', 'DOUBLE', 'VARCHAR'];
  const rows = [
    ['2026-01-01 00:00:10', '0.30000000000000004', 'a'],
    ['2026-01-01 00:00:10', '0.30000000000000004', 'a'],
    ['2026-01-02 00:00:00', null, ''],
  ];
  const answer = { types, rows };

  it('are sets in which a row may come several times', () => {
    const wanted = ['2026-01-02 00:00:00  NULL  (empty)', '00:00:10  0.3  a', "2026-01-01 00:00:10  0.30  'a'"];
    expect(compareAnswer(wanted, answer, false).equal).toBe(true);
    expect(compareAnswer(wanted.slice(1), answer, false)).toEqual({
      equal: false,
      diff: [
        '  00:00:10             0.30000000000000004  a',
        '  00:00:10             0.30000000000000004  a',
        '+ 2026-01-02 00:00:00  NULL                 (empty)',
      ],
    });
    expect(compareAnswer([...wanted, wanted[0] as string], answer, false).equal).toBe(false);
  });

  it('may have an order', () => {
    const wanted = ['00:00:10  0.3  a', '2026-01-02 00:00:00  NULL  (empty)', '00:00:10  0.3  a'];
    const { equal, diff } = compareAnswer(wanted, answer, true);
    expect(equal).toBe(false);
    expect(diff.map((line) => line[0])).toEqual([' ', '-', ' ', '+']);
    expect(compareAnswer([wanted[0] as string, wanted[0] as string, wanted[1] as string], answer, true).equal).toBe(true);
  });

  it('differ by a cell, a NULL or an empty text', () => {
    for (const row of [
      '00:00:10  0.3  b',
      '00:00:10  0.3001  a',
      '00:00:11  0.3  a',
      '00:00:10  NULL  a',
      "00:00:10  0.3  'NULL'",
      '00:00:10  0.3',
    ])
      expect(compareAnswer([row], { types, rows: [rows[0] as string[]] }, false).equal).toBe(false);
    expect(compareAnswer(['00:00:10  1  NULL'], { types, rows: [['2026-01-01 00:00:10', '1', '']] }, false).equal).toBe(false);
  });
});

describe('a test', () => {
  it('is steps with the lines they stand on', () => {
    const steps = parseTest(
      '# c\nlanes 2\n\ninsert s partition p step 10 s\nts  v\n00:00:01  1+1x2\n\nadvance 00:01:00\nidle 5 min\nquery nosort\nSELECT 1\n  FROM x;\n----\n1\n2\n\nlate s ts\n----\n\nrestart\nstatement error\nCREATE x\n----\nE0101\n\nend',
    );
    expect(steps.map(({ kind, line }) => [kind, line])).toEqual([
      ['lanes', 2],
      ['insert', 4],
      ['advance', 8],
      ['idle', 9],
      ['query', 10],
      ['late', 17],
      ['restart', 20],
      ['statement', 21],
      ['end', 26],
    ]);
    expect(steps[4]).toMatchObject({ sql: 'SELECT 1\n  FROM x', ordered: true, expected: { line: 14, rows: ['1', '2'] } });
    expect(steps[5]).toMatchObject({ source: 's', columns: 'ts', expected: { line: 19, rows: [] } });
  });

  it.each([
    ['insrt s', 1, 'a test knows no "insrt"'],
    ['\nadvance soon', 2, '"soon" is no time'],
    ['idle now', 1, '"now" is no duration'],
    ['lanes 0', 1, '"0" is no number of lanes'],
    ['insert', 1, 'an insert names a source'],
    ['insert s\n', 2, 'the names of the columns are missing'],
    ['insert s\na  b\n1', 3, '1 cells for 2 columns'],
    ['query\nx', 1, 'the line ---- and the rows after it are missing'],
    ['query fast\nx\n----', 1, 'a query knows no "fast"'],
    ['query\n----', 1, 'the SQL below is missing'],
    ['statement maybe\nx', 1, 'a statement is expected to be ok, or an error'],
    ['restart now', 1, 'nothing stands behind restart'],
  ])('%j is none', (text, line, message) => {
    let fault: unknown;
    try {
      parseTest(text);
    } catch (error) {
      fault = error;
    }
    expect(fault).toBeInstanceOf(TestFault);
    expect([(fault as TestFault).line, (fault as TestFault).message]).toEqual([line, message]);
  });

  it('is corrected from below, so that lines stay where they are', () => {
    const text = 'query\na\n----\n1\n2\n\nquery\nb\n----\n\nend\n';
    const [first, second] = parseTest(text).flatMap((step) => (step.kind === 'query' ? [step.expected] : []));
    const corrected = correctTest(text, [
      { expected: first!, lines: ['3'] },
      { expected: second!, lines: ['4', '5'] },
    ]);
    expect(corrected).toBe('query\na\n----\n3\n\nquery\nb\n----\n4\n5\n\nend\n');
  });
});
