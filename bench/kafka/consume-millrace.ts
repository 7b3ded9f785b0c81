import { join } from 'node:path';
import type { DecoderProgram } from '../../connectors/formats/decoder.ts';
import { openSource } from '../../connectors/kafka/open-source.ts';
import { recordLibrary } from '../../connectors/kafka/records/record-walk.ts';
import { readSourceSettings } from '../../connectors/kafka/settings.ts';
import { Compiler } from '../../engine/compile/compiler.ts';
import { optionValues } from '../../test/kafka/support/option-values.ts';
import type { Consume } from './consumed.ts';

/** The connector without a decoder: records are fetched, checked, decompressed, walked, and each value's length and one byte read. */
export const consume: Consume = async ({ brokers, topic, messages, options }, started) => {
  const program = await recordProgram();
  const values = optionValues({ brokers, topic, ...options });
  const context = {
    source: 'bench',
    columns: [],
    needed: [],
    options: values,
    eventTime: null,
    positions: new Map(),
    directory: '.',
    clock: { now: () => Date.now() },
  };
  let seen = 0;
  let sum = 0;
  started();
  const reader = await openSource(context, readSourceSettings(values), program, (_program, module) => ({
    prepare: () => null,
    decode(spans, from, to) {
      const { words, bytes } = module;
      for (let index = from; index < to; index++) {
        sum += (words[spans.valueLengths / 4 + index] as number) + (bytes[(words[spans.values / 4 + index] as number) + 12] as number);
      }
      seen += to - from;
      return { batch: { rows: to - from, columns: [] }, rejected: [], next: to, nextRow: 0, release: () => undefined };
    },
    unknownFields: () => new Map(),
    close: () => undefined,
  }));
  while (seen < messages) await reader.poll();
  return { messages: seen, sum, close: () => reader.close() };
};

/** A module without a decoder, compiled once. */
async function recordProgram(): Promise<DecoderProgram> {
  const compiler = new Compiler({ cacheDirectory: join(import.meta.dirname, '..', '..', '.cache', 'kernels') });
  try {
    const libraries = [recordLibrary];
    return await compiler.compileDecoder('bench', {
      format: 'raw',
      columns: [],
      needed: [],
      recordFields: {},
      timestampUnit: null,
      blobs: 'escaped',
      libraries,
    });
  } finally {
    await compiler.close();
  }
}
