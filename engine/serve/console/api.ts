/** The engine answered, and said no. */
export class ApiFailure extends Error {
  readonly status: number;
  readonly position: number | undefined;
  readonly hint: string | undefined;
  constructor(status: number, message: string, position?: number, hint?: string) {
    super(message);
    this.name = 'ApiFailure';
    this.status = status;
    this.position = position;
    this.hint = hint;
  }
}

/** The engine did not answer. */
export class Unreachable extends Error {}

export async function getJson<Answer>(path: string, signal?: AbortSignal): Promise<Answer> {
  return request<Answer>(path, signal === undefined ? {} : { signal });
}

export async function postJson<Answer>(path: string, body: object, signal?: AbortSignal): Promise<Answer> {
  return request<Answer>(path, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
    ...(signal === undefined ? {} : { signal }),
  });
}

async function request<Answer>(path: string, init: RequestInit): Promise<Answer> {
  let response: Response;
  try {
    response = await fetch(path, init);
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') throw error;
    throw new Unreachable();
  }
  if (response.ok) return (await response.json()) as Answer;
  throw await failureOf(response);
}

async function failureOf(response: Response): Promise<ApiFailure> {
  const text = await response.text();
  try {
    const { error } = JSON.parse(text) as { error: { text: string; position?: number; hint?: string } };
    return new ApiFailure(response.status, error.text, error.position, error.hint);
  } catch {
    return new ApiFailure(response.status, text.slice(0, 400) || response.statusText);
  }
}

export function queryPath(id: string): string {
  return `/api/v1/queries/${encodeURIComponent(id)}`;
}

export function queryHref(id: string): string {
  return `/queries/${id.split('/').map(encodeURIComponent).join('/')}`;
}
