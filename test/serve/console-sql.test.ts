import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestServer, type TestServer } from './api-support.ts';
import { chromiumPath, type ConsolePage, launchBrowser, openConsole } from './console-browser.ts';

describe.skipIf(chromiumPath === null)('the SQL page', () => {
  let browser: Browser;
  let server: TestServer;
  beforeAll(async () => {
    [browser, server] = await Promise.all([launchBrowser(), startTestServer()]);
  });
  afterAll(async () => {
    await browser?.close();
    await server?.close();
  });

  const write = async ({ page }: ConsolePage, text: string) => {
    await page.locator('.cm-content').click();
    await page.keyboard.press('Control+a');
    await page.keyboard.type(text);
  };
  const run = async (opened: ConsolePage, text: string) => {
    await write(opened, text);
    await opened.page.keyboard.press('Control+Enter');
    await expect.poll(() => opened.page.locator('.result .muted').innerText(), { timeout: 5_000 }).not.toBe('running');
  };

  it('runs a statement, as a table and as a chart', async () => {
    const opened = await openConsole(browser, server.base);
    const { page, faults, open, close } = opened;
    await open('/sql');
    await run(opened, 'SELECT service, sum(requests) AS requests FROM error_ratio GROUP BY service ORDER BY service ');
    await expect.poll(() => page.locator('.result tbody tr').count(), { timeout: 5_000 }).toBe(10);
    expect(await page.locator('.result .muted').innerText()).toMatch(/^10 rows in /);
    expect(await page.locator('.result th').allInnerTexts()).toEqual(['service', 'requests']);
    await page.getByRole('button', { name: 'Chart' }).click();
    expect(await page.locator('.bars .row').count()).toBe(10);
    await run(opened, 'SELECT window_end, service, ratio FROM error_ratio ');
    await page.waitForSelector('.result .uplot');
    expect(await page.locator('.keys span').count()).toBe(7);
    expect(faults).toEqual([]);
    await close();
  });

  it('underlines what is wrong and says why', async () => {
    const opened = await openConsole(browser, server.base);
    const { page, open, close } = opened;
    await open('/sql');
    await run(opened, 'SELECT servise FROM error_ratio ');
    await page.waitForSelector('.refusal');
    expect(await page.locator('.cm-fault').innerText()).toBe('servise');
    expect(await page.locator('.refusal').innerText()).toContain('servise');
    expect(await page.locator('.refusal pre').innerText()).toContain('^');
    await close();
  });

  it('completes from the catalogue, and never takes Enter', async () => {
    const opened = await openConsole(browser, server.base);
    const { page, open, close } = opened;
    await open('/sql');
    await write(opened, 'SELECT service FROM error_ratio WHERE req');
    await page.waitForSelector('.cm-tooltip-autocomplete');
    expect(await page.locator('.cm-tooltip-autocomplete li').first().innerText()).toContain('requests');
    await page.keyboard.press('Enter');
    expect((await page.locator('.cm-line').allInnerTexts()).length).toBe(2);
    await close();
  });

  it('holds the statement in the address, and nothing of it on the server', async () => {
    const opened = await openConsole(browser, server.base);
    const { page, open, ready, close } = opened;
    await open('/sql');
    await run(opened, "SELECT 'größer > 1' AS word ");
    await expect.poll(() => page.locator('.result tbody').innerText(), { timeout: 5_000 }).toBe('größer > 1');
    const address = page.url();
    expect(address).toMatch(/\/sql#[\w-]+$/);
    const other = await openConsole(browser, server.base);
    await other.page.goto(address);
    await other.ready();
    await expect.poll(() => other.page.locator('.result tbody').innerText(), { timeout: 5_000 }).toBe('größer > 1');
    await ready();
    await other.close();
    await close();
  });

  it('leads from a query to its rows', async () => {
    const { page, open, ready, close } = await openConsole(browser, server.base);
    await open('/queries/http/error_ratio');
    await page.getByRole('link', { name: 'Open in SQL' }).click();
    await ready('SQL');
    await expect.poll(() => page.locator('.result tbody tr').count(), { timeout: 5_000 }).toBe(100);
    expect(await page.locator('.cm-content').innerText()).toContain('FROM error_ratio');
    await close();
  });
});
