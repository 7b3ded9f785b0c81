import type { InstanceImage } from '../../compile/image/instance-image.ts';
import type { RecoveryState, StoredImage } from '../../store/store.ts';
import type { QuerySetup } from '../lane/protocol.ts';
import { componentsOf } from './components.ts';
import { sha256Of, unpackImage } from './image-file.ts';
import { misfit } from './image-fit.ts';
import type { ObjectStore } from '../../objects/object-store.ts';

/** An image that a component goes on from. */
export interface ChosenImage {
  readonly image: StoredImage;
  /** By query; empty where nobody wants more than to know that they are there. */
  readonly memories: ReadonlyMap<string, InstanceImage>;
}

export interface ImageChoice {
  readonly chosen: readonly ChosenImage[];
  /** Images that nothing goes on from, and why not. */
  readonly left: readonly { readonly image: StoredImage; readonly why: string; readonly damaged: boolean }[];
}

export const noImages: ImageChoice = { chosen: [], left: [] };

/** Of every component the newest image that fits and whose file is whole. `queries`: as they would go on without any. */
export async function chooseImages(
  queries: readonly QuerySetup[],
  stored: RecoveryState,
  engine: string,
  files: ObjectStore,
): Promise<ImageChoice> {
  const chosen: ChosenImage[] = [];
  const left: ImageChoice['left'][number][] = [];
  const components = componentsOf(queries);
  const newestFirst = [...(stored.images ?? [])].sort((a, b) => b.takenAt - a.takenAt);
  for (const image of newestFirst) {
    const component = components.find(({ queries: own }) =>
      own.some(({ definition }) => image.queries.some(({ id }) => id === definition.id)),
    );
    if (component === undefined || component.queries.some(({ part }) => part !== null)) {
      const elsewhere = component === undefined ? 'its queries are not there' : 'its queries are cut for several lanes (--lanes)';
      left.push({ image, why: elsewhere, damaged: false });
      continue;
    }
    const why = misfit(image, { component, stored, engine });
    const taken = chosen.some((each) => each.image.component === image.component);
    if (why !== null) left.push({ image, why, damaged: false });
    else if (!taken) {
      const read = await readImage(image, component.queries, files);
      if (typeof read === 'string') left.push({ image, why: read, damaged: true });
      else chosen.push({ image, memories: read });
    }
  }
  return { chosen, left };
}

/** By query, or what is wrong with the file. */
async function readImage(
  { name, sha256 }: StoredImage,
  queries: readonly QuerySetup[],
  files: ObjectStore,
): Promise<Map<string, InstanceImage> | string> {
  let bytes: Uint8Array | null;
  try {
    bytes = await files.read(name);
  } catch (error) {
    return `its file ${name} cannot be read: ${(error as Error).message}`;
  }
  if (bytes === null) return `its file ${name} is not in ${files.place}`;
  if ((await sha256Of(bytes)) !== sha256) return `its file ${name} is damaged`;
  try {
    const memories = await unpackImage(bytes);
    const keeping = queries.filter(({ restored, program }) => restored && !program.stateless).map(({ definition }) => definition.id);
    const same = keeping.length === memories.size && keeping.every((id) => memories.has(id));
    return same ? memories : `its file ${name} is of other queries: ${[...memories.keys()].join(', ')}`;
  } catch (error) {
    return `its file ${name} cannot be used: ${(error as Error).message}`;
  }
}
