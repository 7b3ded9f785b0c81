import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { openBucket } from '../../engine/objects/s3-store.ts';
import { GroupSnapshots } from '../../engine/run/group/group-snapshots.ts';
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

  it('holds what lanes of a group need', async () => {
    for (const [name, value] of Object.entries(server.environment)) vi.stubEnv(name, value);
    const snapshots = await GroupSnapshots.open('s3://snapshots/production', 'sales');
    const state = { partitions: [], ranges: [], queries: [], counters: [] };
    const document = { group: 'sales', lane: 3, lanes: 4, epoch: 7, state };
    const [kept, orphan] = [await snapshots.write(document), await snapshots.write(document)];
    expect(await snapshots.read(kept, 3, 4)).toMatchObject(document);
    await expect(snapshots.read('lane-3-9-none.snapshot', 3, 4)).rejects.toThrow('s3://snapshots/production/sales does not have it');
    await snapshots.collect(3, [kept], -60_000);
    expect((await snapshots.objects.list('')).map(({ name }) => name)).toEqual([kept]);
    expect(orphan).not.toBe(kept);
    expect(await snapshots.pointer(3)).toBeNull();
    await snapshots.writePointer(3, { epoch: 7, name: kept });
    await snapshots.writePointer(3, { epoch: 8, name: kept });
    expect(await snapshots.pointer(3)).toEqual({ epoch: 8, name: kept });
    await expect(GroupSnapshots.open('s3://absent', 'sales')).rejects.toThrow(
      /nothing can be written to the snapshots s3:\/\/absent: .*NoSuchBucket/,
    );
    vi.unstubAllEnvs();
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
