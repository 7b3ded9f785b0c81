import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect } from 'vitest';
import { ConnectorError, type OpenContext, type Position } from '../../connectors/connector.ts';
import type { ColumnSpec } from '../../connectors/data-type.ts';
import { fileConnector } from '../../connectors/file/file.ts';
import type { OptionValues } from '../../connectors/options.ts';
import { column, openContext, readAll } from './open-source.ts';

export const directory = mkdtempSync(join(tmpdir(), 'millrace-file-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));
let made = 0;

/** Name of the file saved last, without its extension. */
export function lastName(): string {
  return `file${made}`;
}

export function save(content: string | Uint8Array, extension: string): string {
  const name = `file${++made}.${extension}`;
  writeFileSync(join(directory, name), content);
  return name;
}

export const columns = [column('at', 'timestamp'), column('status', 'integer', false), column('note', 'varchar')];

export function context(path: string, options: OptionValues = {}, specs: readonly ColumnSpec[] = columns, more: Partial<OpenContext> = {}) {
  return openContext(specs, { directory, options: { path, ...options }, ...more });
}

export function read(content: string | Uint8Array, extension: string, options: OptionValues = {}, specs: readonly ColumnSpec[] = columns) {
  return readAll(fileConnector, context(save(content, extension), options, specs));
}

export async function failure(
  path: string,
  options: OptionValues = {},
  specs: readonly ColumnSpec[] = columns,
  positions = new Map<string, Position>(),
) {
  const outcome = await readAll(fileConnector, context(path, options, specs, { positions })).catch((error: unknown) => error);
  expect(outcome).toBeInstanceOf(ConnectorError);
  const error = outcome as ConnectorError;
  expect(error.source).toBe('the_source');
  return error;
}
