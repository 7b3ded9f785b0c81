import { join } from 'node:path';
import { connectors } from '../../connectors/registry.ts';
import type { Connector } from '../../connectors/connector.ts';
import { Compiler } from '../compile/compiler.ts';
import type { Catalog } from '../plan/catalog.ts';
import { type LookAhead, lookAhead } from '../run/look-ahead.ts';
import { openObjectFolder } from '../objects/folder-store.ts';
import { readRecovery } from '../store/read-recovery.ts';
import { StoreError } from '../store/store.ts';
import { CommandError, exitCode } from './exit-code.ts';
import { version } from '../version.ts';
import { styleFor } from './style.ts';

/** Prints what a start would keep, make again or drop. False when something would be dropped, is lost, or keeps the engine from starting. */
export async function checkRestart(catalog: Catalog, directory: string, json: boolean): Promise<boolean> {
  const stored = await readRecovery(directory).catch((error: unknown) => {
    if (error instanceof StoreError) throw new CommandError(error.message, exitCode.usage, error.hint);
    throw error;
  });
  const compiler = new Compiler({ cacheDirectory: join(directory, 'kernels') });
  const connector = (name: string) => connectors.get(name) as Connector;
  const ahead = await lookAhead(catalog, stored, connector, (query) => compiler.compile(query), {
    files: await openObjectFolder(join(directory, 'snapshots'), false),
    engine: version,
  }).finally(() => compiler.close());
  process.stdout.write(json ? `${JSON.stringify({ v: 1, ...ahead })}\n` : restartText(ahead, directory));
  return (
    ahead.queries.every(({ outcome }) => outcome !== 'dropped') &&
    ahead.sources.every(({ outcome }) => outcome !== 'changed') &&
    ahead.rows.every(({ lost }) => lost.length === 0)
  );
}

const saysOfQuery = {
  new: 'begins: nothing is stored of it',
  'goes on': 'goes on where it was',
  rebuilt: 'its open windows and groups are made again',
  dropped: 'what it has open is DROPPED, and it begins with the rows that come next; stored results stay',
  removed: 'is in no file any more: what it has open is dropped, stored results stay',
} as const;

const saysOfSource = {
  new: 'is read from its beginning',
  'goes on': 'goes on where it was',
  changed: 'is ANOTHER source: the engine will not start',
  unused: 'is read by no query; its positions are kept',
} as const;

const saysOfImage = {
  used: 'is used, and only what came after it is read again',
  none: 'is not used, and what they need is read again',
  never: 'is never taken: what they need is read again',
} as const;

export function restartText({ queries, sources, rows, images }: LookAhead, directory: string): string {
  const style = styleFor(process.stdout);
  const detail = (text: string) => (text === '' ? '' : ` (${text})`);
  const lines = [`${style.bold('a start with')} ${directory}:`];
  for (const { query, outcome, text } of queries) lines.push(`  ${query}: ${saysOfQuery[outcome]}${detail(text)}`);
  for (const { source, outcome, text, replayRows } of sources) {
    const again = replayRows === 0 ? '' : `; about ${replayRows.toLocaleString('en-US')} rows are read again`;
    lines.push(`  source ${source}: ${saysOfSource[outcome]}${detail(text)}${again}`);
    if (outcome === 'changed')
      lines.push(`    ${style.bold('help')}: another --data folder, another name, or millrace run --forget ${source}`);
    const answer = rows.find((each) => each.source === source);
    for (const { partition, text: there } of answer?.lost ?? [])
      lines.push(`    partition ${partition}: rows that are needed are GONE: ${there}`);
    if (answer !== undefined && answer.unasked !== null) lines.push(`    whether its rows are still there is not known: ${answer.unasked}`);
  }
  for (const { queries: ids, outcome, text } of images)
    lines.push(`  image of memory of ${ids.join(', ')}: ${saysOfImage[outcome]}${detail(text)}`);
  return `${lines.join('\n')}\n`;
}
