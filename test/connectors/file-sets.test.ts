import { chmodSync, mkdirSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import type { Position } from '../../connectors/connector.ts';
import { fileConnector } from '../../connectors/file/file.ts';
import { batchRows, column, drain, readAll } from './open-source.ts';

import { context, directory, failure, read, save } from './file-support.ts';

describe('files', () => {
  const specs = [column('n', 'integer')];

  it('are read in the order of their names, or each as a partition', async () => {
    mkdirSync(join(directory, 'many/deeper'), { recursive: true });
    for (const [name, rows] of [
      ['b', '3\n4'],
      ['a', '1\n2'],
      ['c', ''],
      ['deeper/d', '9'],
    ] as const) {
      writeFileSync(join(directory, `many/${name}.csv`), rows === '' ? '' : `n\n${rows}\n`);
    }
    const run = await readAll(fileConnector, context('many/*.csv', {}, specs));
    expect(run.rows).toEqual([[1], [2], [3], [4]]);
    expect(run.ended).toEqual(['files']);
    expect((await readAll(fileConnector, context('many/**/*.csv', {}, specs))).rows.length).toBe(5);
    const split = await readAll(fileConnector, context('many/*.csv', { partition_by: 'file' }, specs));
    expect(split.polls.map((polled) => [polled.partition, batchRows(polled).flat()])).toEqual([
      ['many/a.csv', [1, 2]],
      ['many/b.csv', [3, 4]],
    ]);
    expect([...split.ended].sort()).toEqual(['many/a.csv', 'many/b.csv', 'many/c.csv']);
  });

  it('may be empty', async () => {
    for (const [content, extension] of [
      ['', 'csv'],
      ['', 'jsonl'],
      ['n\n', 'csv'],
      ['\n\n', 'jsonl'],
    ] as const) {
      expect(await read(content, extension, {}, specs)).toEqual({ rows: [], rejected: [], polls: [], ended: ['files'] });
    }
  });

  it('are decompressed', async () => {
    const content = `n\n${Array.from({ length: 300_000 }, (_, index) => index).join('\n')}\n`;
    for (const [bytes, extension, options] of [
      [gzipSync(content), 'csv.gz', {}],
      [zstdCompressSync(content), 'csv.zst', {}],
      [Buffer.concat([gzipSync(content.slice(0, 1000)), gzipSync(content.slice(1000))]), 'csv', { compression: 'gzip' }],
    ] as const) {
      const { rows, rejected } = await read(bytes, extension, options, specs);
      expect(rejected).toEqual([]);
      expect(rows.length).toBe(300_000);
      expect(rows[299_999]).toEqual([299_999]);
    }
  });

  it('that are cut off or damaged give the rows before the fault, then say so', async () => {
    const random = Array.from({ length: 50_000 }, (_, index) => (index * 7919) % 1_000_003).join('\n');
    for (const [compress, extension] of [
      [gzipSync, 'csv.gz'],
      [zstdCompressSync, 'csv.zst'],
    ] as const) {
      const bytes = compress(Buffer.from(`n\n${random}`));
      const path = save(bytes, extension);
      truncateSync(join(directory, path), bytes.length >> 1);
      const reader = await fileConnector.open(context(path, {}, specs));
      let rows = 0;
      const error = await (async () => {
        for (;;) {
          const polled = await reader.poll();
          if ('batch' in polled) rows += polled.batch.rows;
        }
      })().catch((thrown: unknown) => thrown);
      await reader.close();
      expect(rows).toBeGreaterThan(5000);
      expect((error as Error).message).toMatch(
        new RegExp(`^${path} is cut off: its compressed data end too early after row ${rows}, near byte ${bytes.length >> 1} of the file$`),
      );
      const damaged = Buffer.from(bytes);
      damaged.fill(0x55, bytes.length >> 1, (bytes.length >> 1) + 64);
      expect((await failure(save(damaged, extension), {}, specs)).message).toMatch(/is damaged|is cut off/);
    }
  });

  it('that cannot be had are named', async () => {
    expect((await failure('absent.csv')).message).toBe(`there is no file absent.csv in ${directory}`);
    const none = await failure('data/x*.csv');
    expect(none.message).toBe(`no file matches data/x*.csv in ${directory}`);
    expect(none.hint).toBe('path is relative to the folder of the query file');
    mkdirSync(join(directory, 'folder.csv'));
    expect((await failure('folder.csv')).message).toBe('folder.csv is a folder, not a file');
    expect((await failure(save('', 'dat'))).message).toMatch(/the format of file\d+.dat cannot be told from its name/);
    expect((await failure(save('', 'csv'), { delimiter: '::' })).message).toBe('delimiter must be one ASCII character, not "::"');
  });

  it.skipIf(process.getuid?.() === 0)('without permission are named', async () => {
    const path = save('n\n', 'csv');
    chmodSync(join(directory, path), 0);
    expect((await failure(path, {}, specs)).message).toBe(`no permission to read ${path}`);
  });

  it('with brackets in their names are found', async () => {
    writeFileSync(join(directory, 'a[1].csv'), 'n\n5\n');
    expect((await readAll(fileConnector, context('a[1].csv', {}, specs))).rows).toEqual([[5]]);
  });

  it('that changed since a position was stored are refused', async () => {
    const path = save('n\n1\n2\n3\n', 'csv');
    const { polls } = await readAll(fileConnector, context(path, {}, specs));
    const end = polls.at(-1)!.to as { byte: number };
    const resumed = (position: Position) => failure(path, {}, specs, new Map([['files', position]]));
    const again = await readAll(fileConnector, context(path, {}, specs, { positions: new Map([['files', polls.at(-1)!.to]]) }));
    expect(again.rows).toEqual([]);
    expect((await resumed({ ...end, byte: end.byte + 1 } as Position)).message).toContain(`${path} is shorter than it was since`);
    expect((await resumed({ ...end, byte: end.byte - 1 } as Position)).message).toContain(`${path} has changed since`);
    expect((await resumed({ ...end, name: 'gone.csv' } as Position)).message).toContain('gone.csv is gone since');
    expect((await resumed(17)).message).toContain('17 is no position in files');
    const other = await failure(path, {}, specs, new Map([['other', polls[0]!.to]]));
    expect(other.message).toContain('other is no longer a partition');
  });

  it('are gone on with at every position, with the same rows', async () => {
    const lines = Array.from({ length: 20_000 }, (_, index) => (index % 1000 === 7 ? 'bad' : `${index}`));
    const text = `n\n${lines.join('\n')}`;
    for (const [content, extension] of [
      [text, 'csv'],
      [gzipSync(text), 'csv.gz'],
      [lines.map((line) => `{"n": ${line}}`).join('\n'), 'jsonl'],
    ] as const) {
      const path = save(content, extension);
      const whole = await readAll(fileConnector, context(path, {}, specs));
      expect(whole.rejected.length).toBe(20);
      for (const [index, polled] of whole.polls.entries()) {
        const reader = await fileConnector.open(context(path, {}, specs, { positions: new Map([['files', polled.to]]) }));
        const rest = await drain(reader);
        await reader.close();
        expect(rest.rows).toEqual(whole.polls.slice(index + 1).flatMap(batchRows));
        expect(rest.rejected).toEqual(whole.polls.slice(index + 1).flatMap((one) => one.rejected));
      }
    }
  });
});
