/** Whole objects by name: files of a folder, or objects of a bucket. */
export interface ObjectStore {
  /** As the user named it. */
  readonly place: string;
  /** Null: there is none of this name. */
  read(name: string): Promise<Uint8Array | null>;
  /** Resolves when it is durable, and whole for whoever reads it; what had this name is replaced. */
  write(name: string, bytes: Uint8Array): Promise<void>;
  /** Of a name that is not there: nothing. */
  remove(name: string): Promise<void>;
  list(prefix: string): Promise<readonly ObjectEntry[]>;
}

export interface ObjectEntry {
  readonly name: string;
  readonly bytes: number;
  readonly modifiedMs: number;
}

/** An object store refuses, or cannot be reached. */
export class ObjectStoreError extends Error {
  readonly hint: string | undefined;

  constructor(message: string, hint?: string) {
    super(message);
    this.name = 'ObjectStoreError';
    this.hint = hint;
  }
}
