import { getCompileCacheDir } from 'node:module';
import { dirname } from 'node:path';

/**
 * Environment of a new thread, with the compile cache of this one if it has one: a thread takes it over by no other way, and without it
 * strips and compiles all of its modules again (300 ms of CPU).
 */
export function threadEnvironment(): NodeJS.ProcessEnv {
  const directory = getCompileCacheDir?.();
  // The directory of this version of Node stands in the one that was given.
  return directory === undefined ? process.env : { ...process.env, NODE_COMPILE_CACHE: dirname(directory) };
}
