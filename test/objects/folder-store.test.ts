import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { openObjectStore } from '../../engine/objects/open-object-store.ts';
import { openBucket } from '../../engine/objects/s3-store.ts';
import { keepsObjects } from './keeps-objects.ts';

describe('a folder', () => {
  const folder = mkdtempSync(join(tmpdir(), 'objects-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  keepsObjects(() => openObjectStore(folder, 'group'));

  it('is not a bucket, and other places are neither', async () => {
    await expect(openObjectStore('gs://bucket/folder', 'g')).rejects.toThrow('gs://bucket/folder is neither a folder nor a bucket');
  });
});

describe('an address of a bucket', () => {
  it.each([
    ['s3://Snapshots/x', {}, 'names no bucket'],
    ['s3://', {}, 'names no bucket'],
    ['s3://snapshots', { AWS_ACCESS_KEY_ID: '' }, 'AWS_ACCESS_KEY_ID is not set'],
    ['s3://snapshots', { AWS_SECRET_ACCESS_KEY: '' }, 'AWS_SECRET_ACCESS_KEY is not set'],
    ['s3://snapshots', { AWS_ENDPOINT_URL: 'minio:9000' }, 'AWS_ENDPOINT_URL: "minio:9000" is no address'],
  ])('%s with %j is refused', (place, changes, message) => {
    const environment = { AWS_ACCESS_KEY_ID: 'a', AWS_SECRET_ACCESS_KEY: 'b', ...changes };
    expect(() => openBucket(place, environment)).toThrow(message);
  });
});
