import type { UserFunction } from '../plan/catalog.ts';
import type { ModuleScope } from './expression/contract.ts';

const encoder = new TextEncoder();

/** What one generated module declares, gathered while its functions are written; each thing once. */
export class ModuleBuilder implements ModuleScope {
  readonly #imports = new Map<string, Set<string>>();
  readonly #declarations = new Set<string>();
  readonly #constants = new Map<string, { name: string; bytes: Uint8Array }>();
  readonly #memory: string[] = [];
  readonly #functions: string[] = [];
  readonly #userFunctions: ReadonlyMap<string, UserFunction>;
  readonly #seriesCounts: string[] = [];
  /** Series that a function that learns may have at a time. */
  readonly seriesMax: number;
  #names = 0;

  constructor(userFunctions: readonly UserFunction[] = [], seriesMax = Number.MAX_SAFE_INTEGER) {
    this.seriesMax = seriesMax;
    this.#userFunctions = new Map(userFunctions.map((each) => [each.name, each]));
  }

  userFunction(name: string): UserFunction | undefined {
    return this.#userFunctions.get(name);
  }

  import(file: string, name: string): string {
    const names = this.#imports.get(file) ?? new Set();
    this.#imports.set(file, names.add(name));
    return name;
  }

  stringConstant(text: string): string {
    return this.bytesConstant(encoder.encode(text));
  }

  bytesConstant(bytes: Uint8Array): string {
    if (bytes.length === 0) return '<u32>0';
    const key = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('hex');
    let constant = this.#constants.get(key);
    if (constant === undefined) {
      constant = { name: this.name('text'), bytes };
      this.#constants.set(key, constant);
    }
    return constant.name;
  }

  data(bytes: Uint8Array): string {
    const name = this.name('data');
    this.declare(`const ${name}: usize = memory.data<u8>([${bytes.join(', ')}], 16);`);
    return name;
  }

  declare(text: string): void {
    this.#declarations.add(text);
  }

  name(hint: string): string {
    this.#names++;
    return `${hint.replace(/[^A-Za-z0-9]/g, '')}_${this.#names}`;
  }

  memory(bytes: number): string {
    const name = this.name('state');
    this.reserve(name, bytes);
    return name;
  }

  /** Counts of a function that learns: series that it has now u32, and at 8 the rows of those that it had no room for f64. */
  seriesCounts(): string {
    const name = this.memory(16);
    this.#seriesCounts.push(name);
    return name;
  }

  /** f64 expression: rows of which nothing was learnt since the start. */
  unlearntRows(): string {
    return ['0.0', ...this.#seriesCounts.map((name) => `load<f64>(${name}, 8)`)].join(' + ');
  }

  /** Zeroed memory under a name of the caller's. */
  reserve(name: string, bytes: number): void {
    this.#memory.push(`const ${name}: usize = memory.data(${bytes}, 16);`);
  }

  /** A finished top-level function. */
  add(text: string): void {
    this.#functions.push(text);
  }

  /** String constants get their ids when the instance starts: a list of statements. */
  constantStatements(): string[] {
    if (this.#constants.size === 0) return [];
    const intern = this.import('string-table', 'internString');
    return [...this.#constants.values()].map(({ name, bytes }) => {
      const data = this.data(bytes);
      this.declare(`// @ts-ignore: decorator\n@lazy let ${name}: u32 = 0;`);
      return `${name} = ${intern}(${data}, ${bytes.length});`;
    });
  }

  /** The whole source. */
  text(header: string): string {
    const imports = [...this.#imports]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([file, names]) => `import { ${[...names].sort().join(', ')} } from "./kernels/${file}";`);
    return (
      [header, imports.join('\n'), [...this.#memory, ...this.#declarations].join('\n'), ...this.#functions, ''].join('\n\n').trimEnd() +
      '\n'
    );
  }
}
