import { createHash } from 'node:crypto';
import { AwsClient } from 'aws4fetch';
import { type ObjectEntry, type ObjectStore, ObjectStoreError } from './object-store.ts';

/** A request that fails for a passing reason (5xx, throttling) is made again so often, after 50 ms and then twice as long each time. */
const retriesMax = 6;
const requestMsMax = 60_000;
const regionDefault = 'us-east-1';
const form = /^s3:\/\/([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])(?:\/(.*))?$/;

type Environment = Readonly<Record<string, string | undefined>>;

interface Reply {
  readonly status: number;
  readonly bytes: Uint8Array;
}

/**
 * Objects of an S3-compatible bucket below a prefix: `s3://bucket/prefix`. Reads AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY,
 * AWS_SESSION_TOKEN, AWS_REGION, and AWS_ENDPOINT_URL_S3 or AWS_ENDPOINT_URL for servers that are not Amazon's.
 */
export function openBucket(place: string, environment: Environment): ObjectStore {
  const [, bucket, path = ''] = form.exec(place) ?? [];
  if (bucket === undefined) throw new ObjectStoreError(`${place} names no bucket`, 'write s3://bucket/prefix, in small letters');
  const client = logIn(place, environment);
  const root = rootOf(bucket, client.region as string, environment);
  const prefix = path === '' ? '' : `${path.replace(/\/+$/, '')}/`;
  const address = (name: string): string => `${root}/${`${prefix}${name}`.split('/').map(encodeURIComponent).join('/')}`;

  const ask = async (method: string, url: string, name: string, body?: Uint8Array): Promise<Reply> => {
    const headers = {
      'X-Amz-Content-Sha256': createHash('sha256')
        .update(body ?? '')
        .digest('hex'),
    };
    try {
      const signal = AbortSignal.timeout(requestMsMax);
      const response = await client.fetch(url, {
        method,
        headers,
        signal,
        ...(body === undefined ? {} : { body: body as Uint8Array<ArrayBuffer> }),
      });
      return { status: response.status, bytes: new Uint8Array(await response.arrayBuffer()) };
    } catch (error) {
      throw new ObjectStoreError(`${place}: ${method} ${name}: ${reasonOf(error)}`, `is ${new URL(root).host} reachable from here?`);
    }
  };
  const must = async (method: string, url: string, name: string, body?: Uint8Array): Promise<Reply> => {
    const reply = await ask(method, url, name, body);
    if (reply.status >= 300) throw refused(place, method, name, reply);
    return reply;
  };

  return {
    place,
    read: async (name) => {
      const reply = await ask('GET', address(name), name);
      if (reply.status === 404 && codeOf(reply) === 'NoSuchKey') return null;
      if (reply.status >= 300) throw refused(place, 'GET', name, reply);
      return reply.bytes;
    },
    write: async (name, bytes) => {
      await must('PUT', address(name), name, bytes);
    },
    remove: async (name) => {
      const reply = await ask('DELETE', address(name), name);
      if (reply.status >= 300 && codeOf(reply) !== 'NoSuchKey') throw refused(place, 'DELETE', name, reply);
    },
    list: async (start) => {
      const entries: ObjectEntry[] = [];
      for (let token: string | null = ''; token !== null; ) {
        const query = new URLSearchParams({ 'list-type': '2', 'encoding-type': 'url', prefix: `${prefix}${start}` });
        if (token !== '') query.set('continuation-token', token);
        const page = textOf(await must('GET', `${root}?${query}`, `list of ${start}*`));
        entries.push(...entriesOf(page, prefix));
        token = elementOf(page, 'IsTruncated') === 'true' ? elementOf(page, 'NextContinuationToken') : null;
      }
      return entries;
    },
  };
}

function logIn(place: string, environment: Environment): AwsClient {
  const { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey, AWS_SESSION_TOKEN: sessionToken } = environment;
  if (!accessKeyId || !secretAccessKey) {
    const missing = accessKeyId ? 'AWS_SECRET_ACCESS_KEY' : 'AWS_ACCESS_KEY_ID';
    throw new ObjectStoreError(`${place}: ${missing} is not set`, 'the key and its secret come from the environment');
  }
  const region = environment.AWS_REGION ?? environment.AWS_DEFAULT_REGION ?? regionDefault;
  return new AwsClient({
    accessKeyId,
    secretAccessKey,
    ...(sessionToken ? { sessionToken } : {}),
    region,
    service: 's3',
    retries: retriesMax,
  });
}

/** Amazon wants the bucket in the name of the host; other servers mostly have one name. */
function rootOf(bucket: string, region: string, environment: Environment): string {
  const endpoint = environment.AWS_ENDPOINT_URL_S3 ?? environment.AWS_ENDPOINT_URL;
  if (endpoint === undefined) return `https://${bucket}.s3.${region}.amazonaws.com`;
  if (!/^https?:\/\/[^/]+/.test(endpoint))
    throw new ObjectStoreError(`AWS_ENDPOINT_URL: "${endpoint}" is no address`, 'write https://host:port');
  return `${endpoint.replace(/\/+$/, '')}/${bucket}`;
}

function refused(place: string, method: string, name: string, reply: Reply): ObjectStoreError {
  const code = codeOf(reply) ?? `status ${reply.status}`;
  const message = elementOf(textOf(reply), 'Message');
  const hints: Readonly<Record<string, string>> = {
    NoSuchBucket: 'make the bucket first',
    AccessDenied: 'the key needs GetObject, PutObject, DeleteObject and ListBucket',
    SignatureDoesNotMatch: 'is AWS_SECRET_ACCESS_KEY the one of AWS_ACCESS_KEY_ID?',
    InvalidAccessKeyId: 'is AWS_ACCESS_KEY_ID of this server?',
    PermanentRedirect: 'set AWS_REGION to the region of the bucket',
  };
  return new ObjectStoreError(`${place}: ${method} ${name}: ${code}${message === null ? '' : `: ${message}`}`, hints[code]);
}

function textOf({ bytes }: Reply): string {
  return Buffer.from(bytes).toString('utf8');
}

function codeOf(reply: Reply): string | null {
  return elementOf(textOf(reply), 'Code');
}

function entriesOf(page: string, prefix: string): ObjectEntry[] {
  return [...page.matchAll(/<Contents>(.*?)<\/Contents>/gs)].map(([, content = '']) => ({
    name: decodeURIComponent((elementOf(content, 'Key') ?? '').replaceAll('+', ' ')).slice(prefix.length),
    bytes: Number(elementOf(content, 'Size')),
    modifiedMs: Date.parse(elementOf(content, 'LastModified') ?? ''),
  }));
}

/** Text of an element that has no elements in it; S3's answers are flat enough for that. */
function elementOf(xml: string, name: string): string | null {
  const text = new RegExp(`<${name}>([^<]*)</${name}>`).exec(xml)?.[1];
  if (text === undefined) return null;
  const entities: Readonly<Record<string, string>> = { lt: '<', gt: '>', quot: '"', apos: "'", amp: '&' };
  return text.replace(/&(lt|gt|quot|apos|amp);/g, (_, entity: string) => entities[entity] as string);
}

function reasonOf(error: unknown): string {
  if (error instanceof Error && error.name === 'TimeoutError') return `no answer in ${requestMsMax / 1000} s`;
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  return cause instanceof Error ? cause.message : String(cause);
}
