/** The server cannot start: its port is taken, its address is not of this machine. */
export class ServeError extends Error {
  readonly hint: string | undefined;
  constructor(message: string, hint?: string) {
    super(message);
    this.name = 'ServeError';
    this.hint = hint;
  }
}

/** What `listen` failed with, for people. */
export function listenError(error: NodeJS.ErrnoException, host: string, port: number): Error {
  switch (error.code) {
    case 'EADDRINUSE':
      return new ServeError(`port ${port} is in use`, 'use --port 0 for any free one');
    case 'EACCES':
      return new ServeError(`port ${port} may not be opened by this user`, 'use a port above 1023, or --port 0 for any free one');
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return new ServeError(`${host} is no address of this machine`, 'use 127.0.0.1');
    default:
      return error;
  }
}
