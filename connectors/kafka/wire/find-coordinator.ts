import type { Call } from './call.ts';

/** Whom a coordinator looks after. */
export const coordinatorKinds = { group: 0, transaction: 1 } as const;
export type CoordinatorKind = keyof typeof coordinatorKinds;

export interface Coordinator {
  readonly error: number;
  readonly broker: number;
  readonly host: string;
  readonly port: number;
}

export const findCoordinator: Call<{ readonly kind: CoordinatorKind; readonly key: string }, Coordinator | null> = {
  name: 'FindCoordinator',
  key: 10,
  version: 4,
  flexible: true,
  write: (writer, { kind, key }) =>
    writer
      .int8(coordinatorKinds[kind])
      .compactArray([key], (each) => writer.compactString(each))
      .tags(),
  read(reader) {
    reader.int32();
    const [found] = reader.compactArray(() => {
      reader.compactString();
      const broker = reader.int32();
      const host = reader.compactString() ?? '';
      const port = reader.int32();
      const error = reader.int16();
      reader.compactString();
      reader.tags();
      return { error, broker, host, port };
    });
    reader.tags();
    return found ?? null;
  },
};
