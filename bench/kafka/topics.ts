import { closeSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { JavaClient } from '../../test/kafka/support/java-client.ts';
import { type MessageKind, messageKinds } from '../formats/messages.ts';
import { arrowMessage, arrowRowsPerMessage } from './arrow-rows.ts';

/** So many messages come in a millisecond of event time: 200,000 in a window of 10 s. */
const messagesPerMs = 20;
/** Messages of Arrow that differ from each other; they are sent in turns. */
const arrowMessages = 16;

export interface Topic {
  readonly name: string;
  readonly codec: string;
  readonly format: 'json' | 'arrow';
  readonly kind: string;
  readonly messages: number;
  readonly rows: number;
  /** Of all values. */
  readonly bytes: number;
}

/** A name as `105-lz4`, `360-none`, `arrow-zstd`, filled by Java's producer. */
export async function makeTopic(java: JavaClient, name: string, messages: number): Promise<Topic> {
  const [what, codec] = name.split('-') as [string, string];
  const arrow = what === 'arrow';
  const kind = messageKinds.find((each) => each.name === (what === '360' ? '360 B' : '105 B')) as MessageKind;
  const count = arrow ? Math.max(1, Math.round(messages / arrowRowsPerMessage)) : messages;
  const folder = mkdtempSync(join(tmpdir(), 'millrace-bench-topic-'));
  try {
    const file = join(folder, 'values');
    const bytes = writeValues(file, count, arrow ? arrowValues(kind) : jsonValues(kind));
    await java.tell('create', name);
    await java.tell('open', name, codec, false, arrow ? 262_144 : 65_536);
    await java.tell('file', name, name, file);
    await java.tell('close', name);
    return {
      name,
      codec,
      format: arrow ? 'arrow' : 'json',
      kind: kind.name,
      messages: count,
      rows: arrow ? count * arrowRowsPerMessage : count,
      bytes,
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function jsonValues(kind: MessageKind): (index: number) => Uint8Array {
  const encoder = new TextEncoder();
  return (index) => encoder.encode(JSON.stringify(kind.make(Math.floor(index / messagesPerMs))));
}

function arrowValues(kind: MessageKind): (index: number) => Uint8Array {
  const all = Array.from({ length: arrowMessages }, () => arrowMessage(kind));
  return (index) => all[index % arrowMessages] as Uint8Array;
}

/** Each after its length in four bytes; gives the bytes of all values. */
function writeValues(file: string, count: number, valueAt: (index: number) => Uint8Array): number {
  const descriptor = openSync(file, 'w');
  let bytes = 0;
  try {
    for (let first = 0; first < count; first += 10_000) {
      const parts: Uint8Array[] = [];
      for (let index = first; index < Math.min(count, first + 10_000); index++) {
        const value = valueAt(index);
        const head = Buffer.alloc(4);
        head.writeUInt32BE(value.length);
        parts.push(head, value);
        bytes += value.length;
      }
      writeSync(descriptor, Buffer.concat(parts));
    }
  } finally {
    closeSync(descriptor);
  }
  return bytes;
}
