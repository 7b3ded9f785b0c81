import { createHash, randomBytes } from 'node:crypto';
import type { Context, Hono } from 'hono';
import { type PageFile, PageFiles } from './page-files.ts';

const pages = ['/', '/queries', '/queries/*', '/sql'];
const nonceMark = '{{csp-nonce}}';

/** The console: one page for every address, its modules, what it needs of dependencies. */
export function addPages(app: Hono): void {
  const files = new PageFiles();
  for (const page of pages) app.get(page, async (context) => indexPage(context, await files.index()));
  const file = (read: (name: string) => Promise<PageFile | undefined>) => async (context: Context) => {
    const name = context.req.path.split('/').slice(2).join('/');
    return answerFile(context, await read(name));
  };
  app.get(
    '/console/*',
    file((name) => files.console(name)),
  );
  app.get(
    '/status/*',
    file((name) => files.shared(name)),
  );
  app.get(
    '/vendor/*',
    file((name) => files.vendor(name)),
  );
  app.get('/favicon.ico', (context) => context.body(null, 204));
}

function answerFile(context: Context, file: PageFile | undefined): Response {
  if (file === undefined) return context.text('No such file.\n', 404);
  const headers = { 'content-type': file.type, 'cache-control': 'no-cache', etag: file.tag };
  if (matches(context.req.header('if-none-match'), file.tag)) return context.body(null, 304, headers);
  return context.body(file.body, 200, headers);
}

function matches(asked: string | undefined, tag: string): boolean {
  return asked?.match(/"[^"]*"/g)?.includes(tag) ?? false;
}

/** Scripts of the page itself run by their hash, styles that the editor adds by a nonce; nothing else that is not a file of ours. */
function indexPage(context: Context, file: PageFile | undefined): Response {
  if (file === undefined) return context.text('The pages of the console are missing from this installation.\n', 404);
  const nonce = randomBytes(16).toString('base64');
  const html = Buffer.from(file.body).toString().replaceAll(nonceMark, nonce);
  const scripts = [...html.matchAll(/<script(?![^>]*\bsrc=)[^>]*>([\s\S]*?)<\/script>/g)].map((match) => hashOf(match[1] as string));
  const policy = [
    "default-src 'self'",
    ["script-src 'self'", ...scripts].join(' '),
    `style-src 'self' 'nonce-${nonce}'`,
    "img-src 'self' data:",
    "object-src 'none'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ');
  return context.body(html, 200, { 'content-type': file.type, 'cache-control': 'no-store', 'content-security-policy': policy });
}

function hashOf(script: string): string {
  return `'sha256-${createHash('sha256').update(script).digest('base64')}'`;
}
