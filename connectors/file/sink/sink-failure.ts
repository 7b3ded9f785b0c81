import { ConnectorError } from '../../connector.ts';

/** What the system said when a sink's folder was written to, for a person. */
export function sinkFailure(sink: string, path: string, error: unknown): ConnectorError {
  if (error instanceof ConnectorError) return error;
  const { code = '', message } = error as NodeJS.ErrnoException;
  if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS')
    return new ConnectorError(sink, `no permission to write to ${path}`, 'check the owner and mode of the folder and of those above it');
  if (code === 'ENOSPC' || code === 'EDQUOT' || /No space left/i.test(message))
    return new ConnectorError(sink, `no space is left for ${path}`, 'free some space on that disk; nothing that was committed is lost');
  if (code === 'ENOTDIR' || code === 'EEXIST')
    return new ConnectorError(sink, `${path} is not a folder`, 'path names a folder, in which files are made');
  if (code === 'ENOENT') return new ConnectorError(sink, `${path} is no longer there`, 'put the folder back');
  return new ConnectorError(sink, `${path} cannot be written to: ${message}`);
}
