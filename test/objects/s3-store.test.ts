import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openBucket } from '../../engine/objects/s3-store.ts';
import { keepsObjects } from './keeps-objects.ts';
import { missingS3Tools, type S3Server, startS3Server } from './s3-server.ts';

const missing = missingS3Tools();
if (missing !== null) process.stdout.write(`skipped: buckets of a real S3 server: ${missing}\n`);

describe.skipIf(missing !== null)('a bucket of a real server', () => {
  let server: S3Server;
  beforeAll(async () => {
    server = await startS3Server(['snapshots']);
  }, 400_000);
  afterAll(() => server?.stop());
  const bucket = (changes: Record<string, string> = {}, place = 's3://snapshots/teams/a') =>
    openBucket(place, { ...server.environment, ...changes });
  keepsObjects(async () => bucket());

  it('lists page after page', async () => {
    const store = bucket({}, 's3://snapshots/many');
    const names = Array.from({ length: 1_050 }, (_, i) => `n-${String(i).padStart(4, '0')}`);
    for (let i = 0; i < names.length; i += 50)
      await Promise.all(names.slice(i, i + 50).map((name) => store.write(name, new Uint8Array(1))));
    expect((await store.list('n-')).map(({ name }) => name).sort()).toEqual(names);
  }, 120_000);

  it('keeps prefixes apart', async () => {
    await bucket({}, 's3://snapshots/one').write('x', new Uint8Array(1));
    expect(await bucket({}, 's3://snapshots/two').list('')).toEqual([]);
    expect(await bucket({}, 's3://snapshots').read('one/x')).not.toBeNull();
  });

  it('says what is wrong, and never the secret', async () => {
    const wrong = bucket({ AWS_SECRET_ACCESS_KEY: 'not-the-secret' });
    const refusal = await wrong.read('x').catch((error: unknown) => error as Error & { hint: string });
    expect(refusal).toMatchObject({ name: 'ObjectStoreError', hint: expect.stringContaining('AWS_SECRET_ACCESS_KEY') });
    expect(String(refusal)).toContain('s3://snapshots/teams/a: GET x: SignatureDoesNotMatch');
    expect(String(refusal)).not.toContain('not-the-secret');
    await expect(bucket({}, 's3://absent').write('x', new Uint8Array(1))).rejects.toThrow('NoSuchBucket');
    await expect(bucket({}, 's3://absent').read('x')).rejects.toThrow('NoSuchBucket');
    const nobody = bucket({ AWS_ENDPOINT_URL: 'http://127.0.0.1:9' });
    await expect(nobody.read('x')).rejects.toMatchObject({ hint: 'is 127.0.0.1:9 reachable from here?' });
  });
});
