/** `npm run pictures`: the README's pictures, taken anew of the demo in a headless browser. */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { readEngineAddress } from '../../engine/store/lock-file.ts';
import { chromiumPath, launchBrowser } from './console-browser.ts';

const root = resolve(import.meta.dirname, '../..');
const data = mkdtempSync(join(tmpdir(), 'millrace-pictures-'));
/** Long enough for a few windows of each query, and for a fault to show. */
const warmUpMs = 75_000;
const startMsMax = 60_000;

const engine = spawn(
  process.execPath,
  [join(root, 'engine/cli/millrace.mjs'), 'run', join(root, 'queries/demo'), '--data', data, '--port', '0'],
  {
    stdio: ['ignore', 'ignore', 'inherit'],
  },
);
try {
  const port = await portOf(data);
  await new Promise((resolve) => setTimeout(resolve, warmUpMs));
  if (chromiumPath === null) throw new Error('there is no Chromium on this machine');
  const browser = await launchBrowser();
  for (const colorScheme of ['light', 'dark'] as const) {
    const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, deviceScaleFactor: 1.5, colorScheme });
    const page = await context.newPage();
    await page.goto(`http://127.0.0.1:${port}/`);
    await page.waitForTimeout(5_000);
    await page.screenshot({ path: join(root, `docs/images/overview-${colorScheme}.png`) });
    await context.close();
  }
  await browser.close();
} finally {
  engine.kill('SIGTERM');
  await new Promise((gone) => engine.once('exit', gone));
  rmSync(data, { recursive: true, force: true });
}

async function portOf(directory: string): Promise<number> {
  for (const giveUpAt = Date.now() + startMsMax; Date.now() < giveUpAt; ) {
    const address = await readEngineAddress(directory).catch(() => null);
    if (address !== null && address.port !== null) return address.port;
    await new Promise((next) => setTimeout(next, 200));
  }
  throw new Error('the demo did not start');
}
