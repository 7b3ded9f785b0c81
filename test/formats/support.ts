import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Batch, batchRowsMax } from '../../connectors/batch.ts';
import type { ColumnSpec, DataType } from '../../connectors/data-type.ts';
import type { Decoder, DecoderSpec, RejectedRecord } from '../../connectors/formats/decoder.ts';
import { loadDecoder } from '../../connectors/formats/load-decoder.ts';
import { DecoderModule } from '../../connectors/formats/decoder-module.ts';
import type { JsonExports } from '../../connectors/formats/json-exports.ts';
import { JsonValues } from '../../connectors/formats/json-values.ts';
import { planDecoder } from '../../connectors/formats/plan-decoder.ts';
import { SpanDecoder } from '../../connectors/formats/span-decoder.ts';
import { type PlainRecord, SpansBuffer } from '../../connectors/formats/spans-buffer.ts';
import type { OptionValues } from '../../connectors/options.ts';
import { Compiler } from '../../engine/compile/compiler.ts';
import { columnValues } from '../connectors/column-values.ts';

const memoryBytesMax = 512 << 20;
const origin = { topic: 'events', partition: 3 };
export const compiler = new Compiler({ cacheDirectory: join(tmpdir(), 'millrace-test-kernels') });

export function column(name: string, type: DataType | DataType['kind'], nullable = true): ColumnSpec {
  return { name, type: typeof type === 'string' ? ({ kind: type } as DataType) : type, nullable };
}

export function decoderSpec(columns: readonly ColumnSpec[], rest: Partial<DecoderSpec> = {}): DecoderSpec {
  return {
    format: 'json',
    columns,
    needed: columns.map((_, index) => index),
    recordFields: {},
    timestampUnit: null,
    blobs: 'base64',
    libraries: [],
    ...rest,
  };
}

export interface Opened {
  readonly decoder: Decoder;
  readonly module: DecoderModule;
  decode(records: readonly PlainRecord[]): { batch: Batch; rows: unknown[][]; rejected: readonly RejectedRecord[] };
}

export async function openJson(columns: readonly ColumnSpec[], rest: Partial<DecoderSpec> = {}): Promise<Opened> {
  const spec = decoderSpec(columns, rest);
  const program = await compiler.compileDecoder('test', spec);
  const module = DecoderModule.open<JsonExports>(program, 'test', memoryBytesMax);
  return opened(module, new SpanDecoder(module, spec, new JsonValues(module, spec)));
}

export function opened(module: DecoderModule, decoder: Decoder): Opened {
  const buffer = new SpansBuffer(module, batchRowsMax);
  return {
    decoder,
    module,
    decode(records) {
      const spans = buffer.fill(records);
      const { batch, rejected, release } = decoder.decode(spans, 0, records.length, origin);
      const columns = batch.columns.map((each) => columnValues(each, batch.rows));
      const rows = Array.from({ length: batch.rows }, (_, row) => columns.map((values) => values[row]));
      release();
      return { batch, rows, rejected };
    },
  };
}

const encoder = new TextEncoder();
export const records = (texts: readonly string[]): PlainRecord[] => texts.map((text) => ({ value: encoder.encode(text) }));

/** A decoder of any format, from the options that a user writes. */
export async function openFormat(columns: readonly ColumnSpec[], options: OptionValues, rest: Partial<DecoderSpec> = {}): Promise<Opened> {
  const spec = { ...planDecoder({ columns, needed: columns.map((_, index) => index), options }), ...rest };
  const program = await compiler.compileDecoder('test', spec);
  const module = DecoderModule.open(program, 'test', memoryBytesMax);
  const makeDecoder = await loadDecoder(spec.format);
  return opened(module, makeDecoder({ source: 'test', program, module, options, directory: tmpdir() }));
}
