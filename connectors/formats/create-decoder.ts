import type { OptionValues } from '../options.ts';
import type { Decoder, DecoderProgram } from './decoder.ts';
import type { DecoderModule } from './decoder-module.ts';
import type { JsonExports } from './json-exports.ts';
import { JsonValues } from './json-values.ts';
import { formatSettings } from './settings.ts';
import { SpanDecoder } from './span-decoder.ts';
import type { ValueDecoder } from './value-decoder.ts';
import { WholeValues } from './whole-values.ts';

export interface DecoderSetup {
  /** Name of the source, for messages. */
  readonly source: string;
  readonly program: DecoderProgram;
  /** An instance of the program. */
  readonly module: DecoderModule;
  readonly options: OptionValues;
  /** Relative paths start here. */
  readonly directory: string;
}

/** The decoder of a source's format. Throws ConnectorError where a schema file cannot be read. */
export function createDecoder(setup: DecoderSetup): Decoder {
  const { program, module } = setup;
  return new SpanDecoder(module, program.spec, createValues(setup));
}

function createValues({ program, module, options }: DecoderSetup): ValueDecoder {
  const { format } = formatSettings(options);
  switch (format) {
    case 'json':
      return new JsonValues(module as DecoderModule<JsonExports>, program.spec);
    default:
      return new WholeValues(module, program.spec);
  }
}
