import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { QueryError } from '../../diagnostic.ts';
import type { UserFunction } from '../../plan/catalog.ts';
import type { FunctionProgram } from '../program.ts';
import { componentType } from './function-type.ts';
import { functionPagesMax, limitMemory } from './limit-memory.ts';

/** A component larger than this (bytes) is not read. */
const componentBytesMax = 16 << 20;

interface Component {
  readonly key: string;
  readonly script: string;
  readonly modules: FunctionProgram['modules'];
  readonly imports: readonly string[];
  /** By name in kebab case: the types of its parameters and of its result, as WIT writes them. */
  readonly exports: ReadonlyMap<string, { readonly parameters: readonly string[]; readonly result: string }>;
}

const components = new Map<string, Promise<Component>>();

/** Reads the component of a declared function and checks that it exports what was declared. Throws QueryError E0216. */
export async function loadFunction(declared: UserFunction): Promise<FunctionProgram> {
  const component = await readComponent(declared);
  const name = declared.export.replaceAll('_', '-');
  const found = component.exports.get(name);
  if (component.imports.length > 0) {
    throw fault(
      declared,
      `${declared.path} asks for ${component.imports.join(', ')}`,
      'a function gets nothing from outside: no files, network, clock or randomness',
    );
  }
  if (found === undefined) throw fault(declared, `${declared.path} exports no function "${name}"`, exportsHint(component));
  const parameters = declared.parameters.map((type) => componentType(type) as string);
  const result = componentType(declared.returns) as string;
  if (parameters.join(', ') !== found.parameters.join(', ') || result !== found.result) {
    throw fault(
      declared,
      `${declared.path} exports ${name}(${found.parameters.join(', ')}) -> ${found.result}`,
      `its declaration makes it ${name}(${parameters.join(', ')}) -> ${result}`,
    );
  }
  const { key, script, modules } = component;
  return { name: declared.name, parameters: declared.parameters, returns: declared.returns, export: camelCase(name), key, script, modules };
}

async function readComponent(declared: UserFunction): Promise<Component> {
  let bytes: Uint8Array;
  try {
    bytes = await readFile(declared.path);
  } catch (error) {
    throw fault(declared, `${declared.path} cannot be read: ${(error as Error).message}`, 'the path is relative to the query file');
  }
  if (bytes.length > componentBytesMax) throw fault(declared, `${declared.path} is larger than ${componentBytesMax} bytes`);
  const key = createHash('sha256').update(bytes).digest('hex');
  const known = components.get(key) ?? transpile(key, bytes);
  components.set(key, known);
  try {
    return await known;
  } catch (error) {
    components.delete(key);
    throw fault(
      declared,
      `${declared.path} is no WebAssembly component: ${firstLine(error)}`,
      'a core module becomes one by wasm-tools component new',
    );
  }
}

async function transpile(key: string, bytes: Uint8Array): Promise<Component> {
  const [{ transpileBytes }, { componentWit }] = await Promise.all([
    import('@bytecodealliance/jco-transpile'),
    import('@bytecodealliance/jco-transpile/wasm-tools'),
  ]);
  const wit = await componentWit(bytes);
  const { files, imports } = await transpileBytes(bytes, {
    name: 'component',
    instantiation: 'sync',
    nodejsCompat: false,
    base64Cutoff: 0,
  });
  const entries = Object.entries(files);
  const script = entries.find(([path]) => path.endsWith('.js'))?.[1];
  if (script === undefined) throw new Error('it has no functions');
  const modules = entries
    .filter(([path]) => path.endsWith('.wasm'))
    .map(([path, content]) => ({ path, wasm: limitMemory(content, functionPagesMax) }));
  return { key, script: new TextDecoder().decode(script), modules, imports, exports: exportedFunctions(wit) };
}

/** `export name: func(a: type, b: type) -> type;` of the component's world. */
function exportedFunctions(wit: string): Component['exports'] {
  const functions = new Map<string, { parameters: string[]; result: string }>();
  for (const [, name, parameters, result] of wit.matchAll(/^\s*export ([\w-]+): func\(([^)]*)\)(?: -> ([^;]+))?;/gm)) {
    const types = (parameters as string)
      .split(', ')
      .filter((each) => each !== '')
      .map((each) => each.replace(/^[\w-]+: /, ''));
    functions.set(name as string, { parameters: types, result: result ?? 'nothing' });
  }
  return functions;
}

function exportsHint({ exports }: Component): string {
  return exports.size === 0 ? 'it exports no function outside an interface' : `it exports ${[...exports.keys()].join(', ')}`;
}

function camelCase(name: string): string {
  return name.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase());
}

function firstLine(error: unknown): string {
  return String(error instanceof Error ? error.message : error).split('\n')[0] as string;
}

function fault({ name, span }: UserFunction, message: string, hint?: string): QueryError {
  return new QueryError('E0216', `function "${name}": ${message}`, hint === undefined ? { span } : { span, hint });
}
