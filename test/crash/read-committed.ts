import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { JavaClient } from '../kafka/support/java-client.ts';

export interface CommittedMessage {
  readonly key: string | null;
  readonly value: string | null;
}

/**
 * Every committed message of a topic, those of a partition in order: what Java's consumer sees of it, without a
 * group. (A member of a group may read again what it has read when its session runs out.)
 */
export async function readCommitted(java: JavaClient, topic: string): Promise<CommittedMessage[]> {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-dump-'));
  const path = join(folder, 'messages');
  try {
    await java.tell('dump', topic, path);
    const lines = readFileSync(path, 'utf8').split('\n').slice(0, -1);
    return lines.map((line) => {
      const [key, value] = line.split(' ').map((text) => (text === '-' ? null : Buffer.from(text.slice(1), 'base64').toString('utf8')));
      return { key: key ?? null, value: value ?? null };
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** `n` of every committed message of a topic, sorted. */
export async function readNumbers(java: JavaClient, topic: string): Promise<number[]> {
  const messages = await readCommitted(java, topic);
  return messages.map(({ value }) => (JSON.parse(String(value)) as { n: number }).n).sort((a, b) => a - b);
}
