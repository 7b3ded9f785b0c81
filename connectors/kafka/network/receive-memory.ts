/** Where responses are received: areas that sockets write to. */
export interface ReceiveMemory {
  /** Room for at least that many bytes. */
  take(bytes: number): Uint8Array;
  /** Nobody reads or writes the area any more. */
  give(area: Uint8Array): void;
}

/** For small answers that are read at once. */
export const heapMemory: ReceiveMemory = {
  take: (bytes) => new Uint8Array(bytes),
  give: () => undefined,
};
