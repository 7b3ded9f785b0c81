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
  /** Waits until the page that is asked for is drawn. */
  ready(): Promise<string>;
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
  const ready = async () => {
    await page.waitForFunction(() => document.documentElement.dataset.ready !== undefined);
    return page.evaluate(() => document.documentElement.dataset.ready ?? '');
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
