import type { Context } from 'hono';
import type { ContentfulStatusCode } from 'hono/utils/http-status';

/** Every error of the API has this shape; `position` counts characters of the statement from 0. */
export interface ApiError {
  readonly error: { readonly code: string; readonly text: string; readonly position?: number; readonly hint?: string };
}

export function apiError(
  context: Context,
  status: ContentfulStatusCode,
  code: string,
  text: string,
  hint?: string | undefined,
  position?: number | undefined,
): Response {
  const error = { code, text, ...(position === undefined ? {} : { position }), ...(hint === undefined ? {} : { hint }) };
  return context.json({ error } satisfies ApiError, status);
}
