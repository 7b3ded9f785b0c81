import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestServer, type TestServer } from './api-support.ts';
import { chromiumPath, launchBrowser, openConsole } from './console-browser.ts';

const pages = { Overview: '/', Queries: '/queries', Query: '/queries/http/error_ratio', SQL: '/sql' };
const looks = [
  { width: 1440, theme: 'light' },
  { width: 1440, theme: 'dark' },
  { width: 390, theme: 'light' },
] as const;

/** Long enough for a message of the engine; for what is drawn after the first paint. */
const tickMs = 1_200;
const drawnMs = 400;

describe.skipIf(chromiumPath === null)('every page of the console', () => {
  let browser: Browser;
  let server: TestServer;
  let many: TestServer;
  beforeAll(async () => {
    [browser, server, many] = await Promise.all([launchBrowser(), startTestServer(), startTestServer({ queries: 500 })]);
  });
  afterAll(async () => {
    await browser?.close();
    await Promise.all([server?.close(), many?.close()]);
  });

  it.each(looks)('has no fault, asks nobody else and fits, $width pixels, $theme', async (look) => {
    const { page, faults, open, ready, close } = await openConsole(browser, server.base, look);
    for (const [name, path] of Object.entries(pages)) {
      await open(path);
      await ready(name);
      await page.waitForTimeout(look.theme === 'light' && look.width > 1000 ? tickMs : drawnMs);
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(look.width);
      expect(await page.locator('html').getAttribute('data-theme')).toBe(look.theme);
      expect(faults).toEqual([]);
    }
    await close();
  });

  it('says the verdict first, in one heading', async () => {
    const { page, open, close } = await openConsole(browser, server.base);
    await open('/');
    expect(await page.locator('h1').innerText()).toContain('9 of 10 queries keep up, 1 is behind.');
    expect(await page.locator('.vital').count()).toBe(6);
    await close();
  });

  it('folds 500 queries into folders and draws only what is in view', async () => {
    const { page, faults, open, close } = await openConsole(browser, many.base);
    await open('/');
    await page.waitForTimeout(1_300);
    expect(await page.locator('.flow a.node').count()).toBeLessThanOrEqual(14);
    expect(await page.locator('.queries tbody tr').count()).toBe(500);
    await page.locator('.queries tbody tr').first().scrollIntoViewIfNeeded();
    await page.waitForTimeout(300);
    expect(await page.locator('.queries tbody tr').first().locator('td').nth(1).innerText()).toMatch(/\d/);
    expect(await page.locator('.queries tbody tr').last().locator('td').nth(1).innerText()).toBe('');
    expect(faults).toEqual([]);
    await close();
  });

  it('names what is missing: a page, a query', async () => {
    const { page, open, ready, close } = await openConsole(browser, server.base);
    await open('/queries/http/none');
    await ready('failure');
    expect(await page.locator('main').innerText()).toContain('There is no such query.');
    await page.goto(`${server.base}/queries`);
    await ready();
    await page.evaluate("history.replaceState(null, '', '/elsewhere'); dispatchEvent(new PopStateEvent('popstate'))");
    await ready('missing');
    await close();
  });

  it('explains an engine without queries', async () => {
    const empty = await startTestServer({ queries: 0 });
    const { page, faults, open, close } = await openConsole(browser, empty.base);
    await open('/');
    expect(await page.locator('main').innerText()).toContain('No queries yet.');
    expect(await page.locator('pre').innerText()).toContain('CREATE MATERIALIZED VIEW');
    expect(faults).toEqual([]);
    await close();
    await empty.close();
  });
});
