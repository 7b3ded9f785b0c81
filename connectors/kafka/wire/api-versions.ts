import type { Call } from './call.ts';

export interface ApiVersions {
  readonly error: number;
  /** Newest version by API key. */
  readonly newest: ReadonlyMap<number, number>;
}

/** Version 0: every broker answers it, also before anybody has logged in. */
export const apiVersions: Call<null, ApiVersions> = {
  name: 'ApiVersions',
  key: 18,
  version: 0,
  flexible: false,
  write: () => {},
  read(reader) {
    const error = reader.int16();
    const entries = reader.array(() => {
      const key = reader.int16();
      reader.int16();
      return [key, reader.int16()] as const;
    });
    return { error, newest: new Map(entries) };
  },
};
