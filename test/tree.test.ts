import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';

const root = resolve(import.meta.dirname, '..');
const fileLinesMax = 300;
const shareOfShortFilesMin = 0.75;
const shortFileLines = 150;

const files = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', '*.ts', '*.mjs'], {
  cwd: root,
  encoding: 'utf8',
})
  .split('\n')
  .filter((file) => file !== '' && existsSync(join(root, file)) && !file.includes('/golden/'));
const text = (file: string) => readFileSync(join(root, file), 'utf8');

/** Top-level folder -> what it may import, besides itself. */
const mayImport: Readonly<Record<string, readonly string[]>> = {
  connectors: [],
  kernels: [],
  engine: ['connectors', 'kernels'],
  // The real broker of the tests is measured against too.
  bench: ['engine', 'connectors', 'kernels', 'test'],
  test: ['engine', 'connectors', 'kernels', 'bench'],
};

function imports(file: string): string[] {
  return [...text(file).matchAll(/(?:from|import)\s*\(?\s*['"](\.[^'"]+)['"]/g)].map((match) => match[1] as string);
}

describe('the tree', () => {
  it('imports in one direction', () => {
    const wrong = files.flatMap((file) => {
      const from = file.split('/')[0] as string;
      const allowed = mayImport[from];
      if (allowed === undefined) return [];
      return imports(file)
        .map((target) => relative(root, resolve(root, dirname(file), target)).split('/')[0] as string)
        .filter((target) => target in mayImport && target !== from && !allowed.includes(target))
        .map((target) => `${file} imports ${target}/`);
    });
    expect(wrong).toEqual([]);
  });

  it('lets nothing in engine import the command line', () => {
    const wrong = files.filter(
      (file) => file.startsWith('engine/') && !file.startsWith('engine/cli/') && imports(file).some((target) => target.includes('/cli/')),
    );
    expect(wrong).toEqual([]);
  });

  it('has small files', () => {
    const lengths = files.map((file) => [file, text(file).split('\n').length] as const);
    expect(lengths.filter(([, length]) => length > fileLinesMax)).toEqual([]);
    const short = lengths.filter(([, length]) => length <= shortFileLines).length / lengths.length;
    expect(short).toBeGreaterThan(shareOfShortFilesMin);
  });

  it('has no `any` in engine and connectors', () => {
    const wrong = files.filter(
      (file) =>
        /^(engine|connectors)\//.test(file) &&
        /(:\s*any\b|\bas any\b|<any>|\bany\[\])/.test(text(file).replace(/\/\/.*|\/\*[\s\S]*?\*\/|'[^'\n]*'|`[^`]*`/g, '')),
    );
    expect(wrong).toEqual([]);
  });

  it('has one README per top-level folder', () => {
    const missing = ['engine', 'kernels', 'connectors', 'queries', 'bench', 'test'].filter(
      (folder) => !existsSync(join(root, folder, 'README.md')),
    );
    expect(missing).toEqual([]);
  });

  it('gives every dependency a reason', () => {
    const page = readFileSync(join(root, 'docs/dependencies.md'), 'utf8');
    const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as Record<string, Record<string, string>>;
    const names = [...Object.keys(manifest.dependencies ?? {}), ...Object.keys(manifest.devDependencies ?? {})];
    expect(names.filter((name) => !page.includes(`\`${name}\``))).toEqual([]);
    const ranges = Object.entries({ ...manifest.dependencies, ...manifest.devDependencies }).filter(([, range]) => !/^\d/.test(range));
    expect(ranges).toEqual([]);
  });

  it('has no unfinished words in shipped code', () => {
    const words = /\b(TODO|FIXME|XXX|not implemented|for now)\b/i;
    const wrong = files.filter((file) => file !== 'test/tree.test.ts' && words.test(text(file)));
    expect(wrong).toEqual([]);
  });

  it('links only to pages that exist', () => {
    const pages = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', '*.md'], { cwd: root, encoding: 'utf8' })
      .split('\n')
      .filter(Boolean);
    const broken = pages.flatMap((page) =>
      [...text(page).matchAll(/\]\((?!https?:|#|mailto:)([^)#]+)/g)]
        .map((match) => match[1] as string)
        .filter((link) => !existsSync(resolve(root, dirname(page), link)))
        .map((link) => `${page} -> ${link}`),
    );
    expect(broken).toEqual([]);
    expect(readdirSync(join(root, 'docs/decisions')).length).toBeGreaterThan(0);
  });
});
