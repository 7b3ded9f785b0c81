import type { Connector } from '../../connectors/connector.ts';
import type { QueryProgram } from '../compile/program.ts';
import type { QueryDefinition } from '../plan/catalog.ts';
import type { Store } from '../store/store.ts';
import type { StoreNotice } from '../store/stream-registry.ts';
import type { CompileDecoder } from './compile-decoders.ts';
import type { ObjectStore } from '../objects/object-store.ts';
import type { StartLanes } from './lane-host.ts';
import type { OpenSinks } from './sinks/sink-host.ts';
import type { Timing } from './time/timing.ts';

/** What an engine is made of. Tests put their own in. */
export interface EngineParts {
  readonly connectors: ReadonlyMap<string, Connector>;
  readonly compile: (query: QueryDefinition) => Promise<QueryProgram>;
  /** Absent: sources that need a decoder cannot be read. */
  readonly compileDecoder?: CompileDecoder;
  readonly openStore: (directory: string, onNotice: (notice: StoreNotice) => void) => Promise<Store>;
  readonly startLanes: StartLanes;
  /** Absent: nothing can be written to. */
  readonly openSinks?: OpenSinks;
  /** Where images of memory are kept, and the version of the engine that they must be of; absent: none are taken. */
  readonly images?: { readonly open: (dataDirectory: string) => Promise<ObjectStore>; readonly engine: string };
  readonly timing: Timing;
}
