import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { ConnectionOptions as TlsOptions } from 'node:tls';
import { ConnectorError } from '../connector.ts';
import type { OptionValues } from '../options.ts';
import type { Endpoint } from './network/connection.ts';
import type { Login, SaslMechanism } from './security/log-in.ts';

export interface OptionFault {
  readonly option: string;
  readonly message: string;
  readonly hint?: string;
}

export class SettingsError extends Error {
  readonly fault: OptionFault;
  constructor(fault: OptionFault) {
    super(fault.message);
    this.fault = fault;
  }
}

export interface ConnectionSettings {
  readonly brokers: readonly Endpoint[];
  readonly clientId: string;
  readonly tls: { readonly ca: string | null; readonly cert: string | null; readonly key: string | null } | null;
  readonly sasl: { readonly mechanism: SaslMechanism; readonly user: string; readonly secretEnv: string } | null;
}

export type OffsetPolicy = 'fail' | 'earliest' | 'latest';

export interface SourceSettings extends ConnectionSettings {
  readonly topic: string;
  /** Milliseconds since 1970 for a time. */
  readonly start: 'earliest' | 'latest' | number;
  readonly endsAtLatest: boolean;
  readonly onOffsetOutOfRange: OffsetPolicy;
  /** A topic that is gone is waited for, for ever. */
  readonly waitsForTopic: boolean;
  readonly committed: boolean;
  readonly checksCrc: boolean;
  readonly fetchBytesMax: number;
  readonly partitionBytesMax: number;
  readonly fetchBytesMin: number;
  readonly fetchWaitMsMax: number;
  readonly batchBytesMax: number;
  readonly memoryBytesMax: number;
  readonly metadataMsMax: number;
}

/** Throws SettingsError. No I/O. */
export function readConnectionSettings(options: OptionValues): ConnectionSettings {
  const text = (name: string) => (options[name] === undefined ? null : String(options[name]));
  const brokers = String(options.brokers ?? '')
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '')
    .map(endpointOf);
  if (brokers.length === 0) refuse('brokers', 'names no broker', "write brokers = 'host:9092'");
  const tls = options.tls === true ? { ca: text('tls_ca'), cert: text('tls_cert'), key: text('tls_key') } : null;
  if (tls === null)
    for (const name of ['tls_ca', 'tls_cert', 'tls_key']) if (options[name] !== undefined) refuse(name, `${name} needs tls = true`);
  if (tls !== null && (tls.cert === null) !== (tls.key === null)) refuse('tls_cert', 'tls_cert and tls_key go together');
  return { brokers, clientId: String(options.client_id ?? 'millrace'), tls, sasl: readSasl(options) };
}

function readSasl(options: OptionValues): ConnectionSettings['sasl'] {
  const mechanism = String(options.sasl ?? 'none').toUpperCase();
  if (mechanism === 'NONE') {
    for (const name of ['user', 'secret_env'])
      if (options[name] !== undefined) refuse(name, `${name} needs sasl`, 'name the mechanism: sasl = plain');
    return null;
  }
  if (options.secret_env === undefined) refuse('secret_env', `sasl = ${options.sasl} needs secret_env`, 'name an environment variable');
  if (options.user === undefined && mechanism !== 'OAUTHBEARER') refuse('user', `sasl = ${options.sasl} needs user`);
  return { mechanism: mechanism as SaslMechanism, user: String(options.user ?? ''), secretEnv: String(options.secret_env) };
}

function endpointOf(text: string): Endpoint {
  const found = /^(?:\[([0-9a-fA-F:]+)\]|([^:[\]\s]+)):(\d{1,5})$/.exec(text);
  const port = Number(found?.[3]);
  if (found === null || port < 1 || port > 65_535)
    return refuse('brokers', `"${text}" is no broker`, 'write host:port, as in kafka-1:9092');
  return { host: (found[1] ?? found[2]) as string, port };
}

/** Throws SettingsError. No I/O. */
export function readSourceSettings(options: OptionValues): SourceSettings {
  const number = (name: string) => Number(options[name]);
  const settings: SourceSettings = {
    ...readConnectionSettings(options),
    topic: String(options.topic),
    start: startOf(String(options.start)),
    endsAtLatest: options.end === 'latest',
    onOffsetOutOfRange: options.on_offset_out_of_range as OffsetPolicy,
    waitsForTopic: options.on_topic_deleted === 'wait',
    committed: options.isolation === 'read_committed',
    checksCrc: options.check_crc === true,
    fetchBytesMax: number('fetch_max_bytes'),
    partitionBytesMax: Math.min(number('fetch_max_partition_bytes'), number('fetch_max_bytes')),
    fetchBytesMin: number('fetch_min_bytes'),
    fetchWaitMsMax: number('fetch_max_wait'),
    batchBytesMax: number('max_batch_bytes'),
    memoryBytesMax: number('memory_limit'),
    metadataMsMax: number('metadata_max_age'),
  };
  if (!/^[a-zA-Z0-9._-]{1,249}$/.test(settings.topic)) refuse('topic', `"${settings.topic}" is no name of a topic`);
  const needed = 2 * settings.fetchBytesMax + minimumMemory;
  if (settings.memoryBytesMax < needed) {
    refuse(
      'memory_limit',
      `memory_limit has no room for two responses of fetch_max_bytes`,
      `give it ${Math.ceil(needed / (1 << 20))} MiB or more`,
    );
  }
  return settings;
}

/** Arrays, decoder and arena at the least. */
const minimumMemory = 16 << 20;

function startOf(text: string): SourceSettings['start'] {
  if (text === 'earliest' || text === 'latest') return text;
  const zoned = /[zZ]|[+-]\d\d:?\d\d$/.test(text) ? text : `${text}Z`;
  const at = /^\d{4}-\d\d-\d\d/.test(text) ? Date.parse(/[T ]/.test(text) ? zoned.replace(' ', 'T') : text) : Number.NaN;
  if (Number.isNaN(at))
    return refuse('start', `"${text}" is no place to start`, "write earliest, latest, or a time: start = '2026-01-31T12:00:00Z'");
  return at;
}

function refuse(option: string, message: string, hint?: string): never {
  throw new SettingsError({ option, message, ...(hint === undefined ? {} : { hint }) });
}

/** TLS as Node takes it: files are read now. Throws ConnectorError. */
export function tlsOptions({ tls }: ConnectionSettings, source: string, directory: string): TlsOptions | null {
  if (tls === null) return null;
  const read = (option: string, file: string | null) => {
    if (file === null) return {};
    try {
      return { [option]: readFileSync(resolve(directory, file)) };
    } catch (error) {
      throw new ConnectorError(
        source,
        `tls_${option}: ${file} cannot be read: ${(error as Error).message}`,
        'paths start at the folder of the query file',
      );
    }
  };
  return { ...read('ca', tls.ca), ...read('cert', tls.cert), ...read('key', tls.key) };
}

/** The secret as the environment has it now. Throws ConnectorError. */
export function loginOf({ sasl }: ConnectionSettings, source: string): Login | null {
  if (sasl === null) return null;
  const secret = process.env[sasl.secretEnv];
  if (secret === undefined || secret === '') {
    throw new ConnectorError(
      source,
      `the environment variable ${sasl.secretEnv} is not set`,
      'secret_env names where the password comes from',
    );
  }
  return { mechanism: sasl.mechanism, user: sasl.user, secret };
}
