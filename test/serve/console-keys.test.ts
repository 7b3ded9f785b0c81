import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestServer, type TestServer } from './api-support.ts';
import { chromiumPath, connectionText, launchBrowser, openConsole } from './console-browser.ts';

describe.skipIf(chromiumPath === null)('the console by keyboard', () => {
  let browser: Browser;
  let server: TestServer;
  beforeAll(async () => {
    [browser, server] = await Promise.all([launchBrowser(), startTestServer()]);
  });
  afterAll(async () => {
    await browser?.close();
    await server?.close();
  });

  it('walks from page to page and from row to row', async () => {
    const { page, faults, open, close } = await openConsole(browser, server.base);
    await open('/');
    await page.keyboard.press('j');
    await page.keyboard.press('j');
    const second = await page.evaluate(() => (document.activeElement as HTMLElement).dataset.href);
    expect(second).toMatch(/^\/queries\/.+/);
    await page.keyboard.press('Enter');
    await page.waitForFunction(() => document.documentElement.dataset.ready === 'Query');
    expect(new URL(page.url()).pathname).toBe(second);
    for (const [key, name] of [
      ['s', 'SQL'],
      ['q', 'Queries'],
      ['o', 'Overview'],
    ] as const) {
      await page.evaluate(() => (document.activeElement as HTMLElement).blur());
      await page.keyboard.press('g');
      await page.keyboard.press(key);
      await page.waitForFunction((ready) => document.documentElement.dataset.ready === ready, name);
    }
    await page.goBack();
    await page.waitForFunction(() => document.documentElement.dataset.ready === 'Queries');
    expect(faults).toEqual([]);
    await close();
  });

  it('filters by name, state and number, and keeps the filter in the address', async () => {
    const { page, open, close } = await openConsole(browser, server.base);
    await open('/');
    await page.keyboard.press('/');
    await page.keyboard.type('slow');
    expect(await page.locator('.queries tbody tr').count()).toBe(1);
    await page.keyboard.press('Escape');
    expect(await page.evaluate(() => document.activeElement?.tagName)).toBe('BODY');
    await open('/queries?filter=state%3Abehind');
    expect(await page.locator('.queries tbody tr').count()).toBe(1);
    await page
      .getByRole('button', { name: /^Behind/ })
      .first()
      .click();
    expect(new URL(page.url()).search).toBe('');
    expect(await page.locator('.queries tbody tr').count()).toBe(10);
    await page.getByRole('searchbox').fill('folder:hosts in>1');
    expect(await page.locator('.queries tbody tr').count()).toBe(3);
    expect(new URL(page.url()).searchParams.get('filter')).toBe('folder:hosts in>1');
    await close();
  });

  it('sorts by a column and says so', async () => {
    const { page, open, close } = await openConsole(browser, server.base);
    await open('/queries');
    await page.getByRole('button', { name: 'Query', exact: true }).click();
    expect(await page.locator('th[aria-sort]').innerText()).toContain('Query');
    const names = await page.locator('.queries tbody tr').evaluateAll((rows) => rows.map((row) => (row as HTMLElement).dataset.href ?? ''));
    expect(names).toEqual([...names].sort());
    await close();
  });

  it('switches theme, zone and pause, and keeps the first two', async () => {
    const { page, open, ready, close } = await openConsole(browser, server.base);
    await open('/queries/http/error_ratio');
    expect(await page.locator('#zone').innerText()).toBe('UTC');
    await page.keyboard.press('t');
    await page.keyboard.press('z');
    await ready();
    await page.reload();
    await ready();
    expect(await page.evaluate(() => document.documentElement.dataset.theme)).toBe('dark');
    expect(await page.locator('#zone').innerText()).toBe('Europe/Berlin');
    await page.waitForFunction(() => document.querySelector('.legend time')?.textContent?.includes('Europe/Berlin'));
    await page.keyboard.press('p');
    expect(await connectionText(page)).toBe('Paused');
    await page.keyboard.press('p');
    await page.waitForFunction(() => document.querySelector('#connection')?.textContent?.includes('Live'));
    await page.keyboard.press('?');
    expect(await page.locator('#help').isVisible()).toBe(true);
    await page.keyboard.press('Escape');
    expect(await page.locator('#help').isVisible()).toBe(false);
    await close();
  });

  it('has a way past the bar, one main heading, and a name for every control', async () => {
    for (const path of ['/', '/queries', '/queries/http/error_ratio', '/sql']) {
      const { page, open, close } = await openConsole(browser, server.base);
      await open(path);
      await page.waitForTimeout(600);
      expect(await page.locator('h1').count()).toBe(1);
      expect(await page.locator('.skip').getAttribute('href')).toBe('#main');
      const nameless = await page.evaluate(() =>
        [...document.querySelectorAll('button, a[href], input, select, [role="img"]')]
          .filter((each) => each.getClientRects().length > 0)
          .filter((each) => {
            const name = each.getAttribute('aria-label') ?? each.textContent ?? '';
            return name.trim() === '' && each.getAttribute('title') === null;
          })
          .map((each) => each.outerHTML.slice(0, 120)),
      );
      expect(nameless).toEqual([]);
      await close();
    }
  });

  it('has targets of 44 pixels on a phone', async () => {
    const { page, open, close } = await openConsole(browser, server.base, { width: 390 });
    for (const path of ['/', '/queries', '/sql']) {
      await open(path);
      const small = await page.evaluate(() =>
        [...document.querySelectorAll('.nav a, .tool, .button, .field, .queries tbody tr')]
          .filter((each) => each.getClientRects().length > 0 && each.getBoundingClientRect().height < 43.5)
          .map((each) => `${each.className} ${each.getBoundingClientRect().height}`),
      );
      expect(small).toEqual([]);
    }
    await close();
  });
});
