import { ConnectorError } from '../connector.ts';
import type { SourceFile } from './list-files.ts';

/** What the system or a decompressor said about a file, for a person. */
export function fileFailure(source: string, file: SourceFile, error: unknown, where?: string): ConnectorError {
  const code = (error as NodeJS.ErrnoException).code ?? '';
  const at = where === undefined ? '' : ` ${where}`;
  if (code === 'EACCES' || code === 'EPERM') {
    return new ConnectorError(source, `no permission to read ${file.name}`, 'check the owner and mode of the file and of its folders');
  }
  if (code === 'ENOENT') return new ConnectorError(source, `${file.name} is no longer there`);
  if (code === 'Z_BUF_ERROR' || /unexpected end/i.test(String((error as Error).message))) {
    return new ConnectorError(
      source,
      `${file.name} is cut off: its compressed data end too early${at}`,
      'the rows before it have been read; fetch the file again',
    );
  }
  if (code.startsWith('Z_') || code.startsWith('ZSTD')) {
    return new ConnectorError(
      source,
      `${file.name} is damaged: its compressed data cannot be read${at} (${(error as Error).message})`,
      'the rows before it have been read; fetch the file again',
    );
  }
  return new ConnectorError(source, `${file.name} cannot be read${at}: ${(error as Error).message}`);
}

/** A file that a stored position points into is not what it was. */
export function changedFile(source: string, file: Pick<SourceFile, 'name'>, what: string): ConnectorError {
  return new ConnectorError(
    source,
    `${file.name} ${what} since it was last read, so reading cannot go on where it stopped`,
    'put the files back as they were, or start again with a new data folder',
  );
}
