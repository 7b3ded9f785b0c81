export interface ProcessSample {
  readonly pid: number;
  readonly name: string;
  /** The command line, or the name where it cannot be read. */
  readonly command: string;
  /** Share of the whole machine's CPU time since the sample before, 0..1. */
  readonly cpuUtilization: number;
  readonly memoryBytes: number;
  readonly owner: string;
}

export interface ProcessList {
  /** The `top` processes that used most CPU, then most memory; [] when first called, which sets the base of the shares. */
  read(top: number): Promise<readonly ProcessSample[]>;
}
