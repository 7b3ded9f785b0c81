import type { DataType } from '../../../connectors/data-type.ts';
import { decodePacked, encodePacked, type PackedShape, type PackedValue } from '../../../kernels/packed-value.ts';
import { isInterned, machineOf, valueSize } from '../machine-type.ts';
import type { FunctionProgram } from '../program.ts';
import { QueryFailure } from '../query-instance.ts';

/** What a host function needs of the module that calls it. */
interface Caller {
  readonly memory: WebAssembly.Memory;
  scratchFor(bytes: number): number;
  internScratch(length: number): number;
}

type Exported = (...args: unknown[]) => unknown;
type Instantiate = (module: (path: string) => WebAssembly.Module, imports: object) => Record<string, Exported>;

const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
/** A script is evaluated once in a thread. */
const scripts = new Map<string, Promise<{ instantiate: Instantiate }>>();

/** Host functions by name for module `functions`: each component has an instance of its own, which gets nothing from outside. */
export async function functionImports(functions: readonly FunctionProgram[], caller: () => Caller): Promise<WebAssembly.ModuleImports> {
  const imports: WebAssembly.ModuleImports = {};
  const instances = new Map<string, Record<string, Exported>>();
  for (const each of functions) {
    const exports = instances.get(each.key) ?? (await instantiateComponent(each));
    instances.set(each.key, exports);
    imports[each.name] = hostFunction(each, exports[each.export] as Exported, caller);
  }
  return imports;
}

/** What a component exports, without anything from outside. */
export async function instantiateComponent({ key, script, modules }: FunctionProgram): Promise<Record<string, Exported>> {
  const loaded: Promise<{ instantiate: Instantiate }> =
    scripts.get(key) ?? import(`data:text/javascript;base64,${Buffer.from(script).toString('base64')}`);
  scripts.set(key, loaded);
  const { instantiate } = await loaded;
  const compiled = new Map<string, WebAssembly.Module>();
  for (const { path, wasm } of modules) compiled.set(path, await WebAssembly.compile(wasm));
  return instantiate((path) => compiled.get(path) as WebAssembly.Module, {});
}

function hostFunction({ name, parameters, returns }: FunctionProgram, exported: Exported, caller: () => Caller) {
  return (...words: (number | bigint)[]): number | bigint => {
    let at = 0;
    const args = parameters.map((type) => {
      if (!isInterned(machineOf(type))) return plainArgument(type, words[at++] as number | bigint);
      const pointer = Number(words[at++]) >>> 0;
      const length = Number(words[at++]) >>> 0;
      return textArgument(name, type, new Uint8Array(caller().memory.buffer, pointer, length));
    });
    let result: unknown;
    try {
      result = exported(...args);
    } catch (error) {
      throw new QueryFailure('trap', `function ${name} failed: ${error instanceof Error ? error.message : String(error)}`);
    }
    return isInterned(machineOf(returns)) ? intern(caller(), resultBytes(returns, result)) : (plainResult(result) as number | bigint);
  };
}

/** The component model's unsigned numbers are not JavaScript's signed ones that come out of WebAssembly. */
function plainArgument({ kind }: DataType, word: number | bigint): unknown {
  if (kind === 'boolean') return word !== 0;
  if (kind === 'uinteger') return Number(word) >>> 0;
  return kind === 'ubigint' ? BigInt.asUintN(64, word as bigint) : word;
}

function plainResult(result: unknown): unknown {
  return typeof result === 'boolean' ? Number(result) : result;
}

function textArgument(name: string, type: DataType, bytes: Uint8Array): unknown {
  if (type.kind === 'varchar') return decoder.decode(bytes);
  if (type.kind !== 'list') return bytes.slice();
  const elements = decodePacked(shapeOf(type), bytes) as readonly PackedValue[];
  return elements.map((element) => {
    if (element === null) throw new QueryFailure('trap', `function ${name} was given a list that holds NULL`);
    return elementValue(type.child, element as Uint8Array);
  });
}

function elementValue(type: DataType, bytes: Uint8Array): unknown {
  if (type.kind === 'varchar') return decoder.decode(bytes);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return plainArgument(type, readers[machineOf(type)]?.(view) as number | bigint);
}

const readers: Readonly<Record<string, (view: DataView) => number | bigint>> = {
  bool: (view) => view.getUint8(0),
  i8: (view) => view.getInt8(0),
  u8: (view) => view.getUint8(0),
  i16: (view) => view.getInt16(0, true),
  u16: (view) => view.getUint16(0, true),
  i32: (view) => view.getInt32(0, true),
  u32: (view) => view.getUint32(0, true),
  i64: (view) => view.getBigInt64(0, true),
  u64: (view) => view.getBigUint64(0, true),
  f32: (view) => view.getFloat32(0, true),
  f64: (view) => view.getFloat64(0, true),
};

function resultBytes(type: DataType, result: unknown): Uint8Array {
  if (type.kind === 'varchar') return encoder.encode(result as string);
  if (type.kind !== 'list') return result as Uint8Array;
  const elements = Array.from(result as ArrayLike<unknown>, (element) => elementBytes(type.child, element));
  return encodePacked(shapeOf(type), elements);
}

function elementBytes(type: DataType, element: unknown): Uint8Array {
  if (type.kind === 'varchar') return encoder.encode(element as string);
  const machine = machineOf(type);
  const bytes = new Uint8Array(valueSize(machine));
  const view = new DataView(bytes.buffer);
  if (machine === 'f64') view.setFloat64(0, element as number, true);
  else if (machine === 'f32') view.setFloat32(0, element as number, true);
  else if (machine === 'i64' || machine === 'u64') view.setBigUint64(0, BigInt.asUintN(64, element as bigint), true);
  else if (bytes.length === 4) view.setUint32(0, (element as number) >>> 0, true);
  else if (bytes.length === 2) view.setUint16(0, (element as number) & 0xffff, true);
  else view.setUint8(0, Number(element) & 0xff);
  return bytes;
}

function shapeOf(type: DataType): PackedShape {
  if (type.kind === 'list') return { kind: 'list', child: shapeOf(type.child) };
  return type.kind === 'varchar' ? { kind: 'text' } : { kind: 'fixed', width: valueSize(machineOf(type)) };
}

function intern(kernel: Caller, bytes: Uint8Array): number {
  const at = kernel.scratchFor(bytes.length) >>> 0;
  new Uint8Array(kernel.memory.buffer, at, bytes.length).set(bytes);
  return kernel.internScratch(bytes.length);
}
