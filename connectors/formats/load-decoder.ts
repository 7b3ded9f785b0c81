import { readFileSync } from 'node:fs';
import type { OptionValues } from '../options.ts';
import type { Decoder, DecoderProgram, FormatName } from './decoder.ts';
import type { DecoderModule } from './decoder-module.ts';
import type { JsonExports } from './json-exports.ts';
import type { RowColumns } from './row-columns.ts';
import { type RowMaker, RowValues, valueColumns } from './row-values.ts';
import { fromSchemaFile } from './schema-file.ts';
import { type FormatSettings, formatSettings } from './settings.ts';
import { SpanDecoder } from './span-decoder.ts';

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

/** The decoder of one source. Throws ConnectorError where a schema file cannot be used. */
export type MakeDecoder = (setup: DecoderSetup) => Decoder;

/** Loads what a format needs and nothing of the others: Arrow's library alone is 20 MB and 100 ms. */
export async function loadDecoder(format: FormatName): Promise<MakeDecoder> {
  switch (format) {
    case 'json': {
      const { JsonValues } = await import('./json-values.ts');
      return ({ module, program: { spec } }) => new SpanDecoder(module, spec, new JsonValues(module as DecoderModule<JsonExports>, spec));
    }
    case 'text':
    case 'raw': {
      const { WholeValues } = await import('./whole-values.ts');
      return ({ module, program: { spec } }) => new SpanDecoder(module, spec, new WholeValues(module, spec));
    }
    case 'csv': {
      const { CsvRow } = await import('./csv-row.ts');
      return rowDecoder((_setup, settings, columns) => new CsvRow(columns, settings));
    }
    case 'arrow': {
      const { ArrowDecoder } = await import('./arrow/arrow-decoder.ts');
      return (setup) => {
        const schema = fromSchemaFile(setup, formatSettings(setup.options), (path) => new Uint8Array(readFileSync(path)));
        return new ArrowDecoder(setup.module, setup.program.spec, schema);
      };
    }
    default: {
      const { avroRow, protobufRow } = await import('./registered-rows.ts');
      return rowDecoder(format === 'avro' ? avroRow : protobufRow);
    }
  }
}

function rowDecoder(makeRow: (setup: DecoderSetup, settings: FormatSettings, columns: RowColumns) => RowMaker): MakeDecoder {
  return (setup) => {
    const { module, options } = setup;
    const { spec } = setup.program;
    const columns = valueColumns(spec);
    return new SpanDecoder(module, spec, new RowValues(module, columns, makeRow(setup, formatSettings(options), columns)));
  };
}
