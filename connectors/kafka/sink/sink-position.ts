/** How far each writer's epochs are published, as it stands in the metadata of a committed offset. */
export interface SinkPosition {
  /** Of the data folder that wrote it. */
  readonly identity: string;
  readonly epochs: ReadonlyMap<string, number>;
}

const radix = 36;

/** `identity|0=k3,1=zz`: some ten bytes a writer, of the 4096 that brokers take. */
export function positionText({ identity, epochs }: SinkPosition): string {
  return `${identity}|${[...epochs].map(([writer, number]) => `${writer}=${number.toString(radix)}`).join(',')}`;
}

/** Null: it is none of ours. */
export function readPositionText(text: string | null): SinkPosition | null {
  const found = /^([A-Za-z0-9_-]+)\|(.*)$/.exec(text ?? '');
  if (found === null) return null;
  const entries = (found[2] as string)
    .split(',')
    .filter((entry) => entry !== '')
    .map((entry) => {
      const [writer = '', number = ''] = entry.split('=');
      return [writer, Number.parseInt(number, radix)] as const;
    });
  if (entries.some(([writer, number]) => writer === '' || !Number.isSafeInteger(number))) return null;
  return { identity: found[1] as string, epochs: new Map(entries) };
}
