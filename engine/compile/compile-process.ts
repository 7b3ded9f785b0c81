import { pruneStandardLibrary } from './standard-library.ts';

/** One source to compile, and all files that it may import. */
export interface CompileRequest {
  readonly id: number;
  readonly source: string;
  readonly kernels: ReadonlyMap<string, string>;
  readonly flags: readonly string[];
}
export type CompileResponse =
  | { readonly id: number; readonly wasm: Uint8Array<ArrayBuffer> }
  | { readonly id: number; readonly errors: string };

const entry = 'query.ts';
const output = 'query.wasm';

process.on('message', (request: CompileRequest) => {
  compile(request).then(send, (error: unknown) => send({ id: request.id, errors: String(error) }));
});
// The engine has gone, however it went.
process.on('disconnect', () => process.exit(0));

/** Whoever asked may be gone by then: a failure to say so tells nobody anything. */
function send(response: CompileResponse): void {
  process.send?.(response, undefined, undefined, () => undefined);
}

async function compile({ id, source, kernels, flags }: CompileRequest): Promise<CompileResponse> {
  const asc = await import('assemblyscript/asc');
  pruneStandardLibrary(asc.libraryFiles);
  const errors: string[] = [];
  let wasm: Uint8Array | null = null;
  const { error } = await asc.main([entry, '-o', output, ...flags], {
    stderr: { write: (text: string | Uint8Array) => errors.push(String(text)) },
    stdout: { write: () => {} },
    readFile: (name: string) => (name === entry ? source : (kernels.get(name.replace(/^(\.\/)?kernels\//, '')) ?? null)),
    writeFile: (name: string, contents: string | Uint8Array) => {
      if (name === output && typeof contents !== 'string') wasm = contents;
    },
    listFiles: () => [],
  });
  if (error !== null || wasm === null) return { id, errors: errors.join('') || String(error) };
  return { id, wasm: new Uint8Array(wasm) };
}
