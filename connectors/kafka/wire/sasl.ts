import type { Call } from './call.ts';

export const saslHandshake: Call<string, { readonly error: number; readonly mechanisms: readonly string[] }> = {
  name: 'SaslHandshake',
  key: 17,
  version: 1,
  flexible: false,
  write: (writer, mechanism) => writer.string(mechanism),
  read: (reader) => ({ error: reader.int16(), mechanisms: reader.array(() => reader.string() ?? '') }),
};

export interface SaslAnswer {
  readonly error: number;
  readonly message: string | null;
  readonly bytes: Buffer;
  /** The broker ends the session after this time; 0: never. */
  readonly lifetimeMs: number;
}

export const saslAuthenticate: Call<Uint8Array, SaslAnswer> = {
  name: 'SaslAuthenticate',
  key: 36,
  version: 2,
  flexible: true,
  write: (writer, bytes) => writer.compactBytes(bytes).tags(),
  read(reader) {
    const error = reader.int16();
    const message = reader.compactString();
    const bytes = Buffer.from(reader.compactBytes());
    const lifetimeMs = reader.long();
    reader.tags();
    return { error, message, bytes, lifetimeMs };
  },
};
