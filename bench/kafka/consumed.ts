export interface ConsumeTask {
  readonly brokers: string;
  readonly topic: string;
  readonly messages: number;
  /** Of Millrace's connector. */
  readonly options: Readonly<Record<string, string>>;
}

export interface Consumed {
  readonly messages: number;
  /** Of all values: their length and their thirteenth byte. */
  readonly sum: number;
  close(): Promise<void>;
}

/** Reads that many messages of partition 0; `started` is called when everything is loaded. */
export type Consume = (task: ConsumeTask, started: () => void) => Promise<Consumed>;

export interface Figures {
  readonly messages: number;
  readonly sum: number;
  readonly wallMs: number;
  /** All threads of the process. */
  readonly cpuMs: number;
  /** Most that the process had in memory. */
  readonly memoryBytes: number;
}
