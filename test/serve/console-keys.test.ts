import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestServer, type TestServer } from './api-support.ts';
import { chromiumPath, connectionText, launchBrowser, namelessControls, openConsole, smallTargets } from './console-browser.ts';

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
    const { page, faults, open, ready, close } = await openConsole(browser, server.base);
    await open('/');
    await page.keyboard.press('j');
    await page.keyboard.press('j');
    const second = await page.locator('tr:focus').getAttribute('data-href');
    expect(second).toMatch(/^\/queries\/.+/);
    await page.keyboard.press('Enter');
    await ready('Query');
    expect(new URL(page.url()).pathname).toBe(second);
    for (const [key, name] of [
      ['s', 'SQL'],
      ['q', 'Queries'],
      ['o', 'Overview'],
    ] as const) {
      await page.evaluate('document.activeElement.blur()');
      await page.keyboard.press('g');
      await page.keyboard.press(key);
      await ready(name);
    }
    await page.goBack();
    await ready('Queries');
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
    expect(await page.evaluate('document.activeElement.tagName')).toBe('BODY');
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
    const rows = await page.locator('.queries tbody tr').all();
    const names = await Promise.all(rows.map(async (row) => (await row.getAttribute('data-href')) ?? ''));
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
    expect(await page.locator('html').getAttribute('data-theme')).toBe('dark');
    expect(await page.locator('#zone').innerText()).toBe('Europe/Berlin');
    await expect.poll(() => page.locator('.legend time').innerText()).toContain('Europe/Berlin');
    await page.keyboard.press('p');
    expect(await connectionText(page)).toBe('Paused');
    await page.keyboard.press('p');
    await expect.poll(() => connectionText(page)).toBe('Live');
    await page.keyboard.press('?');
    expect(await page.locator('#help').isVisible()).toBe(true);
    await page.keyboard.press('Escape');
    expect(await page.locator('#help').isVisible()).toBe(false);
    await close();
  });

  it('has a way past the bar, one main heading, and a name for every control', async () => {
    const { page, open, close } = await openConsole(browser, server.base);
    for (const path of ['/', '/queries', '/queries/http/error_ratio', '/sql']) {
      await open(path);
      await page.waitForTimeout(400);
      expect(await page.locator('h1').count()).toBe(1);
      expect(await page.locator('.skip').getAttribute('href')).toBe('#main');
      expect(await namelessControls(page)).toEqual([]);
    }
    await close();
  });

  it('has targets of 44 pixels on a phone', async () => {
    const { page, open, close } = await openConsole(browser, server.base, { width: 390 });
    for (const path of ['/', '/queries', '/sql']) {
      await open(path);
      expect(await smallTargets(page, '.nav a, .tool, .button, .field, .queries tbody tr', 44)).toEqual([]);
    }
    await close();
  });
});
