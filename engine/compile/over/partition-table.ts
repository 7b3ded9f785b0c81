import type { Expression } from '../../plan/expression.ts';
import type { Value } from '../expression/contract.ts';
import { GroupKeys } from '../group-keys.ts';
import type { ModuleBuilder } from '../module-builder.ts';
import type { RowScope } from '../row-scope.ts';
import { generatedFunction, indent } from '../text.ts';
import { PartitionRecord } from './partition-record.ts';

/** The partitions of a stage, found by their key. Records never move. */
export class PartitionTable {
  readonly record: PartitionRecord;
  readonly #module: ModuleBuilder;
  readonly #number: number;
  readonly #keys: readonly Expression[];

  constructor(
    module: ModuleBuilder,
    number: number,
    keys: readonly Expression[],
    describe: (expression: Expression) => Value,
    span: Expression['span'],
  ) {
    this.#module = module;
    this.#number = number;
    this.#keys = keys;
    this.record = new PartitionRecord(new GroupKeys(keys.map((key) => ({ value: describe(key), span: key.span ?? span }))));
  }

  /** Address of the directory. */
  get directory(): string {
    return `partitions${this.#number}`;
  }

  /** usize expression: the partition of the scope's row, made if need be. */
  find(scope: RowScope): string {
    const { words, mark } = this.record.keys.pack(
      scope,
      this.#module,
      this.#keys.map((key) => scope.compile(key)),
    );
    return `findPartition${this.#number}(${[...words, ...(this.record.keys.nullable ? [mark] : [])].join(', ')})`;
  }

  /** Declares the directory and `findPartitionK`. `initialise`: statements for a new `partition`, whose bytes after the key are zero. */
  generate(initialise: readonly string[]): void {
    const module = this.#module;
    const { keys, markAt, keyAt, bytes } = this.record;
    const groups = (name: string) => module.import('group-table', name);
    module.reserve(this.directory, 88);
    const words = Array.from({ length: keys.words }, (_, k) => `word${k}`);
    const parameters = [...words.map((word) => `${word}: u64`), ...(keys.nullable ? ['mark: u32'] : [])];
    const same = [
      'load<u32>(partition) == hash',
      ...words.map((word, k) => `load<u64>(partition, ${keyAt + k * 8}) == ${word}`),
      ...(markAt === null ? [] : [`load<u32>(partition, ${markAt}) == mark`]),
    ].join(' && ');
    const search = (table: string, bits: string) => [
      `const table = ${table};`,
      `const mask = (<usize>4 << ${bits}) - 4;`,
      `let entry = ${groups('groupEntry')}(hash, ${bits});`,
      'while (true) {',
      '  const partition = <usize>load<u32>(table + entry);',
      '  if (partition == 0) break;',
      `  if (${same}) return partition;`,
      '  entry = (entry + 4) & mask;',
      '}',
    ];
    const d = this.directory;
    const body = [
      `const hash = ${groups('groupHash')}(${this.#hash(words, 'mark')}, load<u64>(${d}, 72));`,
      '{',
      ...indent(search(`${groups('groupEntries')}(${d})`, `${groups('groupBits')}(${d})`)),
      '}',
      `if (${groups('oldEntries')}(${d}) != 0) {`,
      ...indent(search(`${groups('oldEntries')}(${d})`, `${groups('oldBits')}(${d})`)),
      '}',
      `return addPartition${this.#number}(${['hash', ...words, ...(keys.nullable ? ['mark'] : [])].join(', ')});`,
    ];
    const add = [
      `const partition = ${groups('addGroup')}(${d}, hash);`,
      ...Array.from({ length: (bytes - keyAt) / 8 }, (_, k) => `store<u64>(partition, ${words[k] ?? '0'}, ${keyAt + k * 8});`),
      ...(markAt === null ? [] : [`store<u32>(partition, mark, ${markAt});`]),
      'let p: usize = 0;',
      ...initialise,
      'return partition;',
    ];
    module.add(generatedFunction(`export function addPartition${this.#number}(${['hash: u32', ...parameters].join(', ')}): usize`, add));
    module.add(generatedFunction(`function findPartition${this.#number}(${parameters.join(', ')}): usize`, body));
  }

  /** usize expression: the record where the search for the partition of the scope's row begins, or 0. Looks no further. */
  likely(scope: RowScope): string {
    const groups = (name: string) => this.#module.import('group-table', name);
    const { words, mark } = this.record.keys.pack(
      scope,
      this.#module,
      this.#keys.map((key) => scope.compile(key)),
    );
    const hash = `${groups('groupHash')}(${this.#hash(words, mark)}, load<u64>(${this.directory}, 72))`;
    return `<usize>load<u32>(${groups('groupEntries')}(${this.directory}) + ${groups('groupEntry')}(${hash}, ${groups('groupBits')}(${this.directory})))`;
  }

  start(): string {
    return `${this.#module.import('group-table', 'initialiseGroups')}(${this.directory}, ${this.record.bytes});`;
  }

  /** Statements for every partition, whose address is the local `partition`. */
  each(body: readonly string[]): string[] {
    const groups = (name: string) => this.#module.import('record-pool', name);
    const d = this.directory;
    return [
      `for (let chunk = ${groups('firstChunk')}(${d}); chunk != 0; chunk = ${groups('nextChunk')}(chunk)) {`,
      `  const last = ${groups('chunkEnd')}(${d}, chunk);`,
      `  for (let partition = ${groups('chunkRecords')}(chunk); partition < last; partition += ${this.record.bytes}) {`,
      '    if (load<u32>(partition, 4) == 0) continue;',
      ...indent(body, 2),
      '  }',
      '}',
    ];
  }

  /** Statement that takes `partition` out. */
  remove(): string {
    return `${this.#module.import('group-table', 'removeGroup')}(${this.directory}, partition, 0);`;
  }

  /** Statements that mark the strings of the partition's key. */
  mark(): string[] {
    const mark = this.#module.import('string-table', 'markString');
    return this.record.keys.strings().map((offset) => `${mark}(load<u32>(partition, ${this.record.keyAt + offset}));`);
  }

  #hash(words: readonly string[], mark: string): string {
    const [first, ...more] = words.map((word, k) =>
      this.record.keys.nullable && k === words.length - 1 ? `(${word} ^ (<u64>${mark} << 32))` : word,
    );
    if (first === undefined) return '<u64>0';
    const multiplier = `${this.#module.import('group-table', 'groupMultiplier')}(${this.directory})`;
    const word = this.#module.import('hash', 'hashWord');
    return more.reduce(
      (hash, next) => `${this.#module.import('hash', 'hashMore')}(${hash}, ${next}, ${multiplier})`,
      `${word}(${first}, ${multiplier})`,
    );
  }
}
