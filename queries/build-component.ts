import { readFileSync, writeFileSync } from 'node:fs';
import { basename } from 'node:path';
import { componentEmbed, componentNew } from '@bytecodealliance/jco-transpile/wasm-tools';
import asc from 'assemblyscript/asc';

/** `node queries/build-component.ts path/name`: name.as (AssemblyScript) and name.wit become the component name.wasm. */
const path = process.argv[2];
if (path === undefined) throw new Error('usage: node queries/build-component.ts path/name');
let module: Uint8Array | null = null;
const flags = ['-O3', '--runtime', 'stub', '--noAssert', '--use', 'abort='];
const { error, stderr } = await asc.main(['source.ts', '-o', 'module.wasm', ...flags], {
  readFile: (name: string) => (name === 'source.ts' ? readFileSync(`${path}.as`, 'utf8') : null),
  writeFile: (name: string, content: string | Uint8Array) => {
    if (typeof content !== 'string') module = content;
  },
  listFiles: () => [],
});
if (error !== null || module === null) throw new Error(`${stderr.toString()}${error}`);
const core = Buffer.from(module);
const witSource = readFileSync(`${path}.wit`, 'utf8');
// The component model's names have hyphens, AssemblyScript's cannot.
for (const [, name] of witSource.matchAll(/export ([\w-]+): func/g)) core.write(name as string, core.lastIndexOf((name as string).replaceAll('-', '_')));
const embedded = await componentEmbed({ binary: core, witSource, world: basename(path), stringEncoding: 'utf8' });
writeFileSync(`${path}.wasm`, await componentNew(embedded));
