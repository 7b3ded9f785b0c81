import type { GroupProtocol } from '../../../connectors/kafka/group/membership.ts';
import type { OptionValues } from '../../../connectors/options.ts';

/** How a process takes part in a group. */
export interface GroupSettings {
  readonly name: string;
  /** Options of the connection, as a Kafka source has them, and validated. */
  readonly connection: OptionValues;
  /** Relative paths of certificates start here. */
  readonly directory: string;
  /** How many lanes the group has when it is made; null: as many as it has, or the default. */
  readonly lanes: number | null;
  /** Folder that all processes of the group share, or s3://bucket/prefix. */
  readonly snapshots: string;
  /** Name of a static member, which keeps its lanes over a quick restart; null: none. */
  readonly member: string | null;
  /** Who shares the lanes out. */
  readonly protocol: GroupProtocol;
  /** A process that is silent for so long (ms) loses its lanes; with the protocol `consumer` the broker says how long. */
  readonly sessionMs: number;
}

export const lanesOfGroupDefault = 16;
export const sessionMsDefault = 8_000;

/** A topic between the lanes of a group, as a process knows it. Counts are of committed rows since its start, times in ms since 1970. */
export interface EdgeStatus {
  readonly topic: string;
  /** Id of the query whose rows it has. */
  readonly query: string;
  /** By lanes that run here. */
  readonly sentRows: number;
  readonly sentBytes: number;
  readonly readRows: number;
  readonly readBytes: number;
  /** Event time up to which all lanes have sent everything; null: some have not said yet how far they are. */
  readonly watermark: number | null;
  /** The same of the lane that is furthest. */
  readonly newestWatermark: number | null;
  /** Lanes that hold it back: those that have said nothing, else those that are not as far as others. */
  readonly waitsFor: readonly number[];
}

/** What a process knows of its group. */
export interface GroupStatus {
  readonly name: string;
  /** Name of the static member, or what the group calls us; empty before we have joined. */
  readonly member: string;
  /** Lanes that run here, and how many there are. */
  readonly lanes: readonly number[];
  readonly lanesTotal: number;
  /** Lanes that came or went since the start. */
  readonly moves: number;
  /** How often another process had taken a lane over before we knew. */
  readonly fences: number;
  readonly rebalances: number;
  /** When (ms) the group last acknowledged that we are a member of it; null: not yet. */
  readonly acknowledgedAt: number | null;
  /** Records of results that were loaded into this process's store since the start. */
  readonly loadedRecords: number;
  /** Topics between its lanes. */
  readonly edges?: readonly EdgeStatus[];
}

/** Names of a group's own topics. */
export function groupTopics(group: string): { readonly lanes: string; readonly results: string } {
  return { lanes: `${group}.lanes`, results: `${group}.results` };
}

/** As the store keeps it: where a process stands in the results of its group. */
export function loaderName(group: string): string {
  return `${loaderPrefix}${group}`;
}

const loaderPrefix = 'group ';

/** Name of the group whose results a data folder holds, or null. */
export function groupOfSource(source: string): string | null {
  return source.startsWith(loaderPrefix) ? source.slice(loaderPrefix.length) : null;
}
