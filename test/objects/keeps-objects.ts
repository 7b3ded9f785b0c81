import { randomBytes } from 'node:crypto';
import { expect, it } from 'vitest';
import type { ObjectStore } from '../../engine/objects/object-store.ts';

/** What a lane relies on, wherever objects are. */
export function keepsObjects(open: () => Promise<ObjectStore>): void {
  it('gives back what was written, whole, and replaces it', async () => {
    const store = await open();
    const bytes = randomBytes(300_000);
    await store.write('lane-1-17.image', bytes);
    expect(Buffer.from((await store.read('lane-1-17.image')) as Uint8Array).equals(bytes)).toBe(true);
    await store.write('lane-1-17.image', new Uint8Array([7]));
    expect(Array.from((await store.read('lane-1-17.image')) as Uint8Array)).toEqual([7]);
    await store.write('empty', new Uint8Array(0));
    expect((await store.read('empty'))?.length).toBe(0);
    await store.remove('empty');
  });

  it('knows of no object that is not there', async () => {
    const store = await open();
    expect(await store.read('nothing')).toBeNull();
    await store.remove('nothing');
    expect(await store.list('nothing')).toEqual([]);
  });

  it('lists by the beginning of names, with sizes and times', async () => {
    const store = await open();
    const names = ['list-b é&+1', 'list-a', 'other'];
    for (const name of names) await store.write(name, new Uint8Array(name.length));
    const found = await store.list('list-');
    expect(found.map(({ name }) => name).sort()).toEqual(['list-a', 'list-b é&+1']);
    const first = found.find(({ name }) => name === 'list-a');
    expect(first?.bytes).toBe(6);
    expect(Math.abs((first?.modifiedMs ?? 0) - Date.now())).toBeLessThan(3_600_000);
    for (const name of names) await store.remove(name);
    expect(await store.list('list-')).toEqual([]);
  });
}
