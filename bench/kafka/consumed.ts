import type { MessageKind } from '../formats/messages.ts';
import { messageKinds } from '../formats/messages.ts';

/** What is done with the messages: read; made rows of; counted and summed per key and 10 s, and for Millrace committed. */
export type Work = 'consume' | 'decode' | 'aggregate';

export interface ConsumeTask {
  readonly brokers: string;
  readonly topic: string;
  readonly messages: number;
  /** Rows in all of them. */
  readonly rows: number;
  readonly work: Work;
  readonly format: 'json' | 'arrow';
  /** Of `messageKinds`. */
  readonly kind: string;
  /** Of Millrace's connector. */
  readonly options: Readonly<Record<string, string>>;
}

export interface Consumed {
  /** Messages where they are only read, else rows. */
  readonly count: number;
  /** Of all values their length and thirteenth byte; where rows are made, of their column `status`. */
  readonly sum: number;
  close(): Promise<void>;
}

/** Reads that many messages of partition 0; `started` is called when everything is loaded, `ended` when all is done. */
export type Consume = (task: ConsumeTask, started: () => void, ended: () => void) => Promise<Consumed>;

export interface Figures {
  readonly count: number;
  readonly sum: number;
  readonly wallMs: number;
  /** All threads of the process. */
  readonly cpuMs: number;
  /** Most that the process had in memory. */
  readonly memoryBytes: number;
}

export const windowMs = 10_000;

export function kindOf({ kind }: ConsumeTask): MessageKind {
  return messageKinds.find(({ name }) => name === kind) as MessageKind;
}

/** What a program in JavaScript does with a value, and what comes of it. */
export function plainWork(task: ConsumeTask, tableOf: (value: Buffer) => Iterable<{ status: number }>) {
  const groups = new Map<string, { count: number; sum: number }>();
  let count = 0;
  let sum = 0;
  const time = task.kind === '105 B' ? 'ts' : 'timestamp';
  const key = task.kind === '105 B' ? 'host' : 'service';
  return {
    take(value: Buffer): void {
      if (task.work === 'consume') {
        count++;
        sum += value.length + (value[12] as number);
      } else if (task.format === 'arrow') {
        for (const { status } of tableOf(value)) {
          count++;
          sum += status;
        }
      } else {
        const row = JSON.parse(value.toString()) as Record<string, string | number>;
        count++;
        if (task.work === 'decode') sum += row.status as number;
        else {
          const at = row[time] as string | number;
          const window = Math.floor((typeof at === 'string' ? Date.parse(at) : at) / windowMs);
          const name = `${window} ${row[key]}`;
          const group = groups.get(name);
          if (group === undefined) groups.set(name, { count: 1, sum: row.status as number });
          else {
            group.count++;
            group.sum += row.status as number;
          }
        }
      }
    },
    result(): { count: number; sum: number } {
      for (const group of groups.values()) sum += group.sum;
      return { count, sum };
    },
  };
}
