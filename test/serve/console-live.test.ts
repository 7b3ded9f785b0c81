import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type RunningServer, startServer } from '../../engine/serve/start-server.ts';
import { startTestServer, type TestServer } from './api-support.ts';
import { chromiumPath, launchBrowser, openConsole } from './console-browser.ts';

describe.skipIf(chromiumPath === null)('the console while the engine runs', () => {
  let browser: Browser;
  let server: TestServer;
  beforeAll(async () => {
    [browser, server] = await Promise.all([launchBrowser(), startTestServer()]);
  });
  afterAll(async () => {
    await browser?.close();
    await server?.close();
  });

  it('says when it has lost the engine, and comes back by itself', async () => {
    const own = await startTestServer();
    const { page, open, close } = await openConsole(browser, own.base);
    await open('/');
    await page.locator('html[data-connection="live"]').waitFor();
    await own.close();
    await page.locator('html[data-connection="lost"]').waitFor();
    expect(await page.locator('#connection').innerText()).toMatch(/^Last heard \d\d:\d\d:\d\d, retry in \d+ s$/);
    expect(await page.evaluate("getComputedStyle(document.querySelector('.vital .value')).opacity")).toBe('0.45');
    const again = await startTestServer();
    const back: RunningServer = await startServer(again.engine, { port: own.port, sql: again.sql });
    await page.locator('html[data-connection="live"]').waitFor({ timeout: 15_000 });
    await expect.poll(() => page.locator('h1').innerText()).toContain('9 of 10');
    await close();
    await back.close();
    await again.close();
  });

  it('shows a change of state without a reload', async () => {
    const own = await startTestServer();
    const { page, open, close } = await openConsole(browser, own.base);
    await open('/');
    const id = own.engine.catalog.queries[0]?.id as string;
    own.engine.change((status) => {
      const query = status.queries[id];
      if (query === undefined) return status;
      return { ...status, queries: { ...status.queries, [id]: { ...query, state: 'failed', error: 'memory is at its bound' } } };
    });
    await expect.poll(() => page.locator('h1').innerText(), { timeout: 10_000 }).toContain('failed');
    await expect.poll(() => page.locator('.attention').innerText(), { timeout: 10_000 }).toContain('memory is at its bound');
    expect(await page.locator('.flow .node.critical').count()).toBe(1);
    await close();
    await own.close();
  });

  it('puts new rows on the page, holds still under the pointer, and draws the chosen key', async () => {
    const { page, faults, open, close } = await openConsole(browser, server.base);
    await open('/queries/http/error_ratio?value=ratio');
    await page.waitForSelector('.uplot');
    await page.locator('.rows-card tbody tr', { hasText: 'checkout' }).click();
    await expect.poll(() => page.locator('.series-card .mono').innerText(), { timeout: 5_000 }).toBe('service=checkout');
    await page.mouse.move(700, 20);
    const emit = (requests: number) => server.engine.emit(rowsOf(server, requests));
    emit(4_321);
    await expect.poll(() => digits(page), { timeout: 5_000 }).toContain('4321');
    await page.locator('.rows-card tbody tr').first().hover();
    emit(8_765);
    await page.waitForSelector('.chip:visible');
    expect(await page.locator('.chip').innerText()).toBe('Paused, 1 newer row');
    await page.locator('.chip').click();
    await expect.poll(() => digits(page), { timeout: 5_000 }).toContain('8765');
    await page.getByRole('button', { name: 'Table' }).click();
    expect(await page.locator('.chart-table tbody tr').count()).toBeGreaterThan(10);
    expect(faults).toEqual([]);
    await close();
  });

  it('lights the part of the SQL that an operator stands for', async () => {
    const { page, open, close } = await openConsole(browser, server.base);
    await open('/queries/http/error_ratio');
    const steps = page.locator('.plan li[tabindex]');
    const count = await steps.count();
    expect(count).toBeGreaterThan(1);
    let lit = 0;
    for (let step = 0; step < count; step++) {
      await steps.nth(step).focus();
      if ((await page.locator('.sql .lit').count()) > 0) lit += 1;
    }
    expect(lit).toBeGreaterThan(0);
    await close();
  });
});

async function digits(page: Page): Promise<string> {
  return (await page.locator('.rows-card tbody').innerText()).replace(/\D/g, '');
}

function rowsOf(server: TestServer, requests: number) {
  const query = server.engine.catalog.queries.find(({ id }) => id === 'http/error_ratio');
  if (query === undefined) throw new Error('the fake engine has no http/error_ratio');
  const now = new Date(Math.floor(Date.now() / 1000) * 1000);
  const values: Readonly<Record<string, unknown>> = {
    window_start: new Date(now.getTime() - 10_000).toISOString(),
    window_end: now.toISOString(),
    service: 'checkout',
    requests,
    errors: 12,
    ratio: 0.0028,
  };
  return {
    query: query.id,
    columns: query.schema.map(({ name, type }) => ({ name, type: type.kind.toUpperCase() })),
    rows: [query.schema.map(({ name }) => values[name] ?? null)],
    dropped: 0,
  };
}
