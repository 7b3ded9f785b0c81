import { openObjectFolder } from './folder-store.ts';
import { ObjectStoreError, type ObjectStore } from './object-store.ts';
import { openBucket } from './s3-store.ts';

/**
 * Opens a folder, which is made, or `s3://bucket/prefix`; `part` is a folder below it. Login and endpoint of a bucket come from the
 * environment, under the names that other S3 clients use. Throws ObjectStoreError when a bucket is named wrongly or cannot be logged in to.
 */
export async function openObjectStore(place: string, part: string): Promise<ObjectStore> {
  const scheme = /^([a-z][a-z0-9+.-]+):\/\//i.exec(place)?.[1]?.toLowerCase();
  if (scheme === undefined) return openObjectFolder(`${place}/${part}`);
  if (scheme === 's3') return openBucket(`${place.replace(/\/+$/, '')}/${part}`, process.env);
  throw new ObjectStoreError(`${place} is neither a folder nor a bucket`, 'name a folder, or s3://bucket/prefix');
}
