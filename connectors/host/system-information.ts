import type * as Library from 'systeminformation';

type SystemInformation = typeof Library;

let loaded: Promise<SystemInformation> | null = null;

/** The library, loaded when first needed: it takes some 30 ms. A CommonJS module: all it gives is on `default`, which its types do not say. */
export function systemInformation(): Promise<SystemInformation> {
  loaded ??= import('systeminformation').then((module) => (module as unknown as { default: SystemInformation }).default);
  return loaded;
}
