import { Buffer } from 'node:buffer';
import { ConnectorError } from '../connector.ts';

export type SchemaType = 'AVRO' | 'PROTOBUF' | 'JSON';

export interface RegisteredSchema {
  readonly id: number;
  readonly type: SchemaType;
  readonly text: string;
  /** Schemas that it refers to, those they refer to first, by the name that it uses. */
  readonly references: readonly { readonly name: string; readonly text: string }[];
}

interface Answer {
  readonly id?: number;
  readonly schema?: string;
  readonly schemaType?: SchemaType;
  readonly references?: readonly { name: string; subject: string; version: number }[];
}

const missingSchemasMax = 10_000;
/** After this long the registry is asked again for a schema that it did not have. */
const missingForMs = 30_000;
const answerBytesMax = 16 << 20;
const referencesMax = 1000;
/** Of what a registry says against a schema. */
const refusalTextMax = 500;
export const registryUserVariable = 'MILLRACE_SCHEMA_REGISTRY_USER';
export const registryPasswordVariable = 'MILLRACE_SCHEMA_REGISTRY_PASSWORD';

/** Schemas of a Confluent schema registry by number, each fetched once. */
export class SchemaRegistry {
  readonly #source: string;
  readonly #url: string;
  readonly #timeoutMs: number;
  readonly #environment: Readonly<Record<string, string | undefined>>;
  readonly #known = new Map<number, RegisteredSchema>();
  /** Number -> time (ms) at which the registry said that it has none. */
  readonly #missing = new Map<number, number>();
  readonly #loading = new Map<number, Promise<void>>();

  constructor(source: string, url: string, timeoutMs: number, environment: Readonly<Record<string, string | undefined>> = process.env) {
    this.#source = source;
    this.#url = url.replace(/\/+$/, '');
    this.#timeoutMs = timeoutMs;
    this.#environment = environment;
  }

  /** undefined: not fetched yet, or not there. */
  get(id: number): RegisteredSchema | undefined {
    return this.#known.get(id);
  }

  /** null when it is known, or known to be missing. Rejects with a ConnectorError when the registry does not answer. */
  load(id: number): Promise<void> | null {
    if (this.#known.has(id)) return null;
    const missingSince = this.#missing.get(id);
    if (missingSince !== undefined && Date.now() - missingSince < missingForMs) return null;
    const loading = this.#loading.get(id) ?? this.#load(id).finally(() => this.#loading.delete(id));
    this.#loading.set(id, loading);
    return loading;
  }

  /** The number of a subject's schema, which is registered where it is not and `registers` says so. Rejects with a ConnectorError. */
  async idOf(subject: string, type: SchemaType, schema: string, registers: boolean): Promise<number> {
    const path = `/subjects/${encodeURIComponent(subject)}${registers ? '/versions' : ''}`;
    const answer = await this.#ask(path, JSON.stringify({ schema, ...(type === 'AVRO' ? {} : { schemaType: type }) }));
    if (Number.isSafeInteger(answer?.id)) return answer?.id as number;
    if (answer !== null) throw this.#failure(`gives no number for the schema of ${subject}`, 'is that its address?');
    throw this.#failure(
      `does not have this schema under ${subject}`,
      registers ? 'is that its address?' : 'register it beforehand, or leave register_schema as it is',
    );
  }

  async #load(id: number): Promise<void> {
    const answer = await this.#ask(`/schemas/ids/${id}`);
    if (answer?.schema === undefined) {
      if (this.#missing.size >= missingSchemasMax) this.#missing.clear();
      this.#missing.set(id, Date.now());
      return;
    }
    const references = new Map<string, string>();
    await this.#follow(answer, references, new Set());
    this.#missing.delete(id);
    const named = [...references].map(([name, text]) => ({ name, text }));
    this.#known.set(id, { id, type: answer.schemaType ?? 'AVRO', text: answer.schema, references: named });
  }

  async #follow(answer: Answer, found: Map<string, string>, open: Set<string>): Promise<void> {
    for (const { name, subject, version } of answer.references ?? []) {
      const key = `${subject}/${version}`;
      if (found.has(name) || open.has(key) || found.size >= referencesMax) continue;
      open.add(key);
      const referred = await this.#ask(`/subjects/${encodeURIComponent(subject)}/versions/${version}`);
      if (referred?.schema === undefined) throw this.#failure(`has no version ${version} of ${subject}, which a schema refers to`);
      await this.#follow(referred, found, open);
      found.set(name, referred.schema);
    }
  }

  /** null: not found. */
  async #ask(path: string, body?: string): Promise<Answer | null> {
    const headers: Record<string, string> = { accept: 'application/vnd.schemaregistry.v1+json, application/json' };
    if (body !== undefined) headers['content-type'] = 'application/vnd.schemaregistry.v1+json';
    const user = this.#environment[registryUserVariable];
    if (user !== undefined) {
      const password = this.#environment[registryPasswordVariable] ?? '';
      headers.authorization = `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
    }
    let response: Response;
    let text: string;
    try {
      const signal = AbortSignal.timeout(this.#timeoutMs);
      const request = body === undefined ? {} : { method: 'POST', body };
      response = await fetch(`${this.#url}${path}`, { ...request, headers, signal, redirect: 'error' });
      text = await response.text();
    } catch (error) {
      throw this.#failure(`does not answer: ${reasonOf(error)}`);
    }
    if (response.status === 404) return null;
    if (response.status === 401 || response.status === 403) {
      throw this.#failure(`answers ${response.status}`, `set ${registryUserVariable} and ${registryPasswordVariable}`);
    }
    if (body !== undefined && (response.status === 409 || response.status === 422)) {
      const reason = text.slice(0, refusalTextMax);
      throw this.#failure(
        `refuses the schema: ${reason}`,
        'it is not compatible with what was registered: change the columns, or the rule of the subject',
      );
    }
    if (!response.ok || text.length > answerBytesMax) throw this.#failure(`answers ${response.status}`);
    try {
      return JSON.parse(text) as Answer;
    } catch {
      throw this.#failure('does not answer in JSON', 'is that its address?');
    }
  }

  #failure(what: string, hint?: string): ConnectorError {
    return new ConnectorError(this.#source, `the schema registry ${this.#url} ${what}`, hint);
  }
}

function reasonOf(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  return cause instanceof Error ? cause.message || cause.name : String(cause);
}
