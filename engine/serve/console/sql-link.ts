/** A link to the SQL page holds the statement in its fragment, packed: nothing of it leaves the browser. */
export async function sqlHref(sql: string): Promise<string> {
  return `/sql#${await pack({ sql })}`;
}

async function pack(value: object): Promise<string> {
  const bytes = await through(new CompressionStream('deflate-raw'), new TextEncoder().encode(JSON.stringify(value)));
  return btoa(String.fromCharCode(...bytes))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replace(/=+$/, '');
}

/** null: no statement in it, or not one of ours. */
export async function unpackSql(fragment: string): Promise<string | null> {
  try {
    const binary = atob(fragment.replace(/^#/, '').replaceAll('-', '+').replaceAll('_', '/'));
    const bytes = Uint8Array.from(binary, (character) => character.charCodeAt(0));
    const text = new TextDecoder().decode(await through(new DecompressionStream('deflate-raw'), bytes));
    const { sql } = JSON.parse(text) as { sql?: unknown };
    return typeof sql === 'string' ? sql : null;
  } catch {
    return null;
  }
}

async function through(stream: CompressionStream | DecompressionStream, bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array> {
  const out = new Response(new Blob([bytes]).stream().pipeThrough(stream));
  return new Uint8Array(await out.arrayBuffer());
}

/** `"a b"` when it must be. */
export function quoteName(name: string): string {
  return /^[a-z_][a-z0-9_]*$/.test(name) ? name : `"${name.replaceAll('"', '""')}"`;
}
