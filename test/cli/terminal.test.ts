import { describe, expect, it } from 'vitest';
import { LiveBlock } from '../../engine/cli/live-block.ts';
import { parseDuration, parsePort, parseSpeed } from '../../engine/cli/option-values.ts';
import type { Style } from '../../engine/cli/style.ts';
import { cellText, displayWidth, hiddenColumns, renderTable } from '../../engine/cli/text-table.ts';
import type { SqlResult } from '../../engine/store/store.ts';

const same = (text: string) => text;
const plain: Style = { colour: false, red: same, yellow: same, cyan: same, bold: same, dim: same };

/** Just enough of a terminal: what the screen shows after the writes. */
class Screen {
  readonly columns = 20;
  readonly lines: string[] = [''];
  cursor = true;
  #row = 0;
  #column = 0;

  write(text: string): boolean {
    // biome-ignore lint/suspicious/noControlCharactersInRegex: terminal escapes
    for (const [part] of text.matchAll(/\u001b\[\??[0-9;]*[A-Za-z]|\r|\n|[^\u001b\r\n]+/g)) this.#apply(part);
    return true;
  }

  #apply(part: string): void {
    if (part === '\r') this.#column = 0;
    else if (part === '\n') {
      this.#row++;
      this.#column = 0;
      if (this.#row === this.lines.length) this.lines.push('');
    } else if (part.startsWith('\u001b')) this.#escape(part);
    else {
      const line = this.lines[this.#row] as string;
      this.lines[this.#row] = line.slice(0, this.#column) + part + line.slice(this.#column + part.length);
      this.#column += part.length;
    }
  }

  #escape(part: string): void {
    const count = Number(/\d+/.exec(part)?.[0] ?? 1);
    if (part.endsWith('A')) this.#row = Math.max(0, this.#row - count);
    else if (part.endsWith('K')) this.lines[this.#row] = (this.lines[this.#row] as string).slice(0, this.#column);
    else if (part.endsWith('J')) {
      this.lines[this.#row] = (this.lines[this.#row] as string).slice(0, this.#column);
      this.lines.splice(this.#row + 1, Number.POSITIVE_INFINITY);
    } else if (part === '\u001b[?25l') this.cursor = false;
    else if (part === '\u001b[?25h') this.cursor = true;
  }
}

describe('the live block', () => {
  it('stays at the bottom, lets lines scroll by, cuts what is too wide and gives the cursor back', () => {
    const screen = new Screen();
    const block = new LiveBlock(screen as unknown as NodeJS.WriteStream);
    block.draw(['verdict', 'in 42.1 k/s and a lot more that does not fit']);
    expect(screen.lines).toEqual(['verdict', 'in 42.1 k/s and a l']);
    block.log('10:14 news');
    expect(screen.lines).toEqual(['10:14 news', 'verdict', 'in 42.1 k/s and a l']);
    expect(screen.cursor).toBe(false);
    block.close();
    block.close();
    expect(screen.lines).toEqual(['10:14 news', '']);
    expect(screen.cursor).toBe(true);
  });
});

describe('tables', () => {
  const result: SqlResult = {
    columns: [
      { name: 'service', type: 'VARCHAR' },
      { name: 'requests', type: 'BIGINT' },
      { name: 'rate', type: 'DOUBLE' },
    ],
    rows: [
      ['checkout', '187200', 0.0130208333],
      ['', null, 2],
      ['日本', '9007199254740993', -0.5],
    ],
    truncated: false,
    ms: 1,
  };

  it('align numbers, group digits, show NULL and the empty string, and keep big integers exact', () => {
    expect(renderTable(result, 40, 200, plain)).toBe(
      [
        ' service  │              requests │      rate',
        ' varchar  │                bigint │    double',
        '──────────┼───────────────────────┼───────────',
        ' checkout │               187 200 │ 0.0130208',
        ' (empty)  │                  NULL │         2',
        ' 日本     │ 9 007 199 254 740 993 │      -0.5',
        '',
      ].join('\n'),
    );
  });

  it('fold the middle and leave out columns that do not fit', () => {
    expect(renderTable(result, 2, 200, plain)).toContain('     ⋮\n 日本');
    expect(hiddenColumns(result, 20)).toBe(2);
  });

  it('let no control character reach the terminal', () => {
    expect(cellText('a\u001b[31mb\n', 'VARCHAR')).toBe('a\\x1b[31mb\\x0a');
    expect(displayWidth('日本e\u0301')).toBe(5);
  });
});

describe('values of flags', () => {
  it('are read with their units', () => {
    expect([parseDuration('30s'), parseDuration('5min'), parseDuration('1.5h')]).toEqual([30_000, 300_000, 5_400_000]);
    expect([parseSpeed('20x'), parseSpeed('0.5'), parseSpeed('max')]).toEqual([20, 0.5, Number.POSITIVE_INFINITY]);
  });

  it.each([
    ['a duration', () => parseDuration('soon')],
    ['a speed', () => parseSpeed('-1x')],
    ['a port', () => parsePort('70000')],
  ])('that are not %s are refused', (what, parse) => {
    expect(parse).toThrow(`is not ${what}`);
  });
});
