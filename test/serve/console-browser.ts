import { existsSync } from 'node:fs';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';

const usualPaths = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome', '/usr/bin/google-chrome-stable'];

/** Path of a Chromium, or null where there is none: the tests of the pages then skip with one line. */
export function findChromium(): string | null {
  const named = process.env.CHROMIUM_PATH;
  const found = [...(named === undefined ? [] : [named]), ...usualPaths].find((path) => existsSync(path));
  if (found === undefined) process.stderr.write('no Chromium found (CHROMIUM_PATH): the console is not tested in a browser\n');
  return found ?? null;
}

export const chromiumPath = findChromium();

export async function launchBrowser(): Promise<Browser> {
  return chromium.launch({
    executablePath: chromiumPath as string,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--no-first-run',
    ],
  });
}

export interface Look {
  readonly width?: number;
  readonly theme?: 'light' | 'dark';
}

export interface ConsolePage {
  readonly page: Page;
  /** Errors and warnings of the page, and requests to anywhere else. */
  readonly faults: string[];
  open(path: string): Promise<void>;
  /** Waits until a page is drawn, the one of this name if it is given. */
  ready(name?: string): Promise<void>;
  close(): Promise<void>;
}

export async function openConsole(browser: Browser, base: string, { width = 1440, theme = 'light' }: Look = {}): Promise<ConsolePage> {
  const context: BrowserContext = await browser.newContext({
    viewport: { width, height: width < 500 ? 844 : 900 },
    colorScheme: theme,
    timezoneId: 'Europe/Berlin',
    reducedMotion: 'reduce',
  });
  await context.grantPermissions(['clipboard-read', 'clipboard-write'], { origin: base });
  const page = await context.newPage();
  const faults: string[] = [];
  page.on('pageerror', (error) => faults.push(String(error.stack ?? error)));
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) faults.push(message.text());
  });
  page.on('request', (request) => {
    if (!request.url().startsWith(`${base}/`)) faults.push(`request to ${request.url()}`);
  });
  const ready = async (name?: string) => {
    await page.locator(name === undefined ? 'html[data-ready]' : `html[data-ready="${name}"]`).waitFor();
  };
  return {
    page,
    faults,
    ready,
    async open(path) {
      await page.goto(base + path);
      await ready();
    },
    close: () => context.close(),
  };
}

export const connectionText = (page: Page) => page.locator('#connection').innerText();

/** Class names and heights of what a finger could miss. */
export async function smallTargets(page: Page, selector: string, minimum: number): Promise<string[]> {
  const sizes = await Promise.all(
    (await page.locator(selector).all()).map(async (each) => ({ box: await each.boundingBox(), name: await each.innerText() })),
  );
  return sizes.flatMap(({ box, name }) => (box === null || box.height >= minimum - 0.5 ? [] : [`${name}: ${box.height}`]));
}

/** Controls in view without a name that a screen reader could say. */
export async function namelessControls(page: Page): Promise<string[]> {
  const controls = await page.locator('button:visible, a[href]:visible, input:visible, select:visible, [role="img"]:visible').all();
  const found = await Promise.all(
    controls.map(async (each) => {
      const [label, title, text] = await Promise.all([each.getAttribute('aria-label'), each.getAttribute('title'), each.textContent()]);
      return `${label ?? ''}${title ?? ''}${text ?? ''}`.trim() === '' ? each.innerHTML() : null;
    }),
  );
  return found.filter((each) => each !== null);
}
