import { writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { batchRowsMax } from '../connectors/batch.ts';
import { loadDecoder } from '../connectors/formats/load-decoder.ts';
import type { Decoder, RecordSpans } from '../connectors/formats/decoder.ts';
import { DecoderModule } from '../connectors/formats/decoder-module.ts';
import { JsonRow } from '../connectors/formats/json-row.ts';
import { planDecoder } from '../connectors/formats/plan-decoder.ts';
import { RowColumns } from '../connectors/formats/row-columns.ts';
import { SpansBuffer } from '../connectors/formats/spans-buffer.ts';
import { Compiler } from '../engine/compile/compiler.ts';
import { makeMessages, type MessageKind, messageKinds } from './formats/messages.ts';
import { cpuMs, median } from './measure.ts';

const memoryBytesMax = 2 ** 30;
const origin = { topic: 'bench', partition: 0 };

interface Figures {
  readonly kind: string;
  readonly way: string;
  readonly megabytesPerSecond: number;
  readonly messagesPerSecond: number;
}

/** JSON messages to columns: the generated decoder, the host's own, and JSON.parse alone, in turns; medians of CPU time, one core. */
export async function formats(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    options: {
      messages: { type: 'string', default: '200000' },
      rounds: { type: 'string', default: '9' },
      json: { type: 'string' },
    },
  });
  const compiler = new Compiler({ cacheDirectory: join(tmpdir(), 'millrace-bench-kernels') });
  const all: Figures[] = [];
  try {
    for (const kind of messageKinds) all.push(...(await compare(compiler, kind, Number(values.messages), Number(values.rounds))));
  } finally {
    await compiler.close();
  }
  for (const { kind, way, megabytesPerSecond, messagesPerSecond } of all) {
    const figures = `${megabytesPerSecond.toFixed(0).padStart(6)} MB/s ${(messagesPerSecond / 1e6).toFixed(2).padStart(7)} M messages/s`;
    process.stdout.write(`${kind.padEnd(6)} ${way.padEnd(22)} ${figures}\n`);
  }
  if (values.json !== undefined) writeFileSync(values.json, JSON.stringify(all, null, 2));
}

async function compare(compiler: Compiler, kind: MessageKind, count: number, rounds: number): Promise<Figures[]> {
  const messages = makeMessages(kind, count);
  const bytes = messages.reduce((sum, message) => sum + message.length, 0);
  const spec = planDecoder({ columns: kind.columns, needed: kind.columns.map((_, index) => index), options: {} });
  const program = await compiler.compileDecoder('bench', spec);
  const module = DecoderModule.open(program, 'bench', memoryBytesMax);
  const makeDecoder = await loadDecoder(spec.format);
  const decoder = makeDecoder({ source: 'bench', program, module, options: {}, directory: '.' });
  const batches = Array.from({ length: Math.ceil(count / batchRowsMax) }, (_, index) => {
    const part = messages.slice(index * batchRowsMax, (index + 1) * batchRowsMax);
    return { spans: new SpansBuffer(module, batchRowsMax).fill(part.map((value) => ({ value }))), rows: part.length };
  });
  const columns = new RowColumns(kind.columns, spec.needed, {});
  const row = new JsonRow(columns);
  const ways: readonly [string, () => void][] = [
    ['generated, to columns', () => decodeAll(decoder, batches)],
    ['host, to columns', () => rowByRow(row, columns, messages)],
    ['JSON.parse, to objects', () => parseAll(messages)],
  ];
  const times = ways.map((): number[] => []);
  for (let round = 0; round < rounds; round++) {
    for (const [index, [, work]] of ways.entries()) times[index]?.push(await cpuMs(work));
  }
  return ways.map(([way], index) => {
    const seconds = median(times[index] as number[]) / 1000;
    const name = `${Math.round(bytes / count)} B`;
    return { kind: name, way, megabytesPerSecond: bytes / 1e6 / seconds, messagesPerSecond: count / seconds };
  });
}

function decodeAll(decoder: Decoder, batches: readonly { spans: RecordSpans; rows: number }[]): void {
  for (const { spans, rows } of batches) {
    const { batch, release } = decoder.decode(spans, 0, rows, origin);
    if (batch.rows !== rows) throw new Error(`${batch.rows} rows of ${rows} messages`);
    release();
  }
}

function rowByRow(row: JsonRow, columns: RowColumns, messages: readonly Uint8Array[]): void {
  for (const message of messages) {
    if (row.append(message, 0, message.length) !== null) throw new Error('a message is no row');
    if (columns.rows === batchRowsMax) columns.take();
  }
  columns.take();
}

function parseAll(messages: readonly Uint8Array[]): void {
  let fields = 0;
  for (const message of messages) {
    const text = Buffer.from(message.buffer, message.byteOffset, message.byteLength).toString('utf8');
    fields += (JSON.parse(text) as { status: number }).status;
  }
  if (fields === 0) throw new Error('no fields');
}
