import type * as SystemInformation from 'systeminformation';

let loaded: Promise<typeof SystemInformation> | null = null;

/** The library, loaded when first needed: it takes some 30 ms. */
export function systemInformation(): Promise<typeof SystemInformation> {
  loaded ??= import('systeminformation').then((module) => module.default);
  return loaded;
}
