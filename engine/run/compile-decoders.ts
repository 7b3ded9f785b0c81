import type { Connector } from '../../connectors/connector.ts';
import type { DecoderProgram, DecoderSpec } from '../../connectors/formats/decoder.ts';
import { readColumns } from './lane/open-context.ts';
import type { SourceSetup } from './lane/protocol.ts';

export type CompileDecoder = (source: string, spec: DecoderSpec) => Promise<DecoderProgram>;

/** Sources with the modules that their connectors decode by. */
export function compileDecoders(
  sources: readonly SourceSetup[],
  connector: (name: string) => Connector,
  compile: CompileDecoder | undefined,
): Promise<SourceSetup[]> {
  return Promise.all(
    sources.map(async (source) => {
      const { columns, needed } = readColumns(source);
      const spec = connector(source.definition.connector).decoder?.(columns, needed, source.definition.options) ?? null;
      if (spec === null) return source;
      if (compile === undefined) throw new Error(`source ${source.definition.name} needs a decoder, and this engine compiles none`);
      return { ...source, decoder: await compile(source.definition.name, spec) };
    }),
  );
}
