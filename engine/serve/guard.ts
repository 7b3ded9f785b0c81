import { isIP } from 'node:net';
import type { MiddlewareHandler } from 'hono';
import { apiError } from './api-error.ts';

const headers: Readonly<Record<string, string>> = {
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
};

/**
 * Keeps other web sites out of an engine on the reader's own machine. A name that somebody points to 127.0.0.1 is refused by its Host
 * header (an address cannot be pointed elsewhere), a request that another site sends by its Origin.
 */
export function guard(names: readonly string[]): MiddlewareHandler {
  const allowed = new Set(['localhost', ...names.map((name) => name.toLowerCase())]);
  return async (context, next) => {
    const host = context.req.header('host');
    const name = hostName(host);
    if (name === null || !(allowed.has(name) || name.endsWith('.localhost') || isIP(name) !== 0)) {
      return apiError(
        context,
        421,
        'host',
        `this engine does not answer to the name ${name ?? 'that was given'}`,
        `open it as localhost or by its address`,
      );
    }
    const origin = context.req.header('origin');
    const site = context.req.header('sec-fetch-site');
    const foreign =
      origin === undefined
        ? site === 'cross-site' && context.req.method !== 'GET'
        : origin !== `http://${host}` && origin !== `https://${host}`;
    if (foreign) return apiError(context, 403, 'origin', 'another web site may not ask this engine');
    await next();
    for (const [key, value] of Object.entries(headers)) context.res.headers.set(key, value);
    if (!context.res.headers.has('content-security-policy')) context.res.headers.set('content-security-policy', "default-src 'none'");
    return;
  };
}

/** Name without port and brackets, in lower case. */
function hostName(host: string | undefined): string | null {
  const match = /^(?:\[([0-9a-f:.]+)\]|([^:/@\s]+))(?::\d+)?$/i.exec(host ?? '');
  return (match?.[1] ?? match?.[2])?.toLowerCase() ?? null;
}
