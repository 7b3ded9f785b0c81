import { createHash } from 'node:crypto';
import type { Polled, Position, SourceReader } from '../../connectors/connector.ts';
import { eventColumns } from '../../connectors/nexmark/event-columns.ts';
import type { EventName } from '../../connectors/nexmark/event-numbers.ts';
import { nexmark } from '../../connectors/nexmark/nexmark.ts';
import type { OptionValues } from '../../connectors/options.ts';
import { batchRows, openContext } from './open-source.ts';

export interface OpenNexmark {
  readonly options?: OptionValues;
  readonly columns?: readonly string[];
  readonly positions?: ReadonlyMap<string, Position>;
}

export function openNexmark(event: EventName, { options = {}, columns, positions = new Map() }: OpenNexmark = {}): Promise<SourceReader> {
  const declared = eventColumns[event];
  const needed = declared.flatMap(({ name }, index) => (columns === undefined || columns.includes(name) ? [index] : []));
  return nexmark.open({ ...openContext(declared), needed, options: { event, ...options }, positions });
}

export async function pollsOf(reader: SourceReader): Promise<Polled[]> {
  const polls: Polled[] = [];
  for (let ended = 0; ended < reader.partitions.length; ) {
    const polled = await reader.poll();
    if ('batch' in polled) polls.push(polled);
    else ended++;
  }
  return polls;
}

export async function rowsOf(event: EventName, open: OpenNexmark = {}): Promise<unknown[][]> {
  return (await pollsOf(await openNexmark(event, open))).flatMap(batchRows);
}

/** SHA-256 over the rows as JSON lines, in the form of the independent generator's files. */
export async function hashOf(event: EventName, events: number): Promise<{ rows: number; sha256: string }> {
  const columns = eventColumns[event];
  const reader = await openNexmark(event, { options: { events } });
  const hash = createHash('sha256');
  let rows = 0;
  for (let polled = await reader.poll(); 'batch' in polled; polled = await reader.poll()) {
    const lines = batchRows(polled).map((row) => {
      const cells = columns.map(({ name, type }, index) => {
        const value = row[index];
        if (type.kind === 'bigint') return `"${name}":${value}`;
        if (type.kind === 'timestamp')
          return `"${name}":"${new Date(Number((value as bigint) / 1000n)).toISOString().slice(0, -1).replace('T', ' ')}"`;
        return `"${name}":"${value}"`;
      });
      return `{${cells.join(',')}}\n`;
    });
    hash.update(lines.join(''));
    rows += lines.length;
  }
  return { rows, sha256: hash.digest('hex') };
}
