import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { chromium, type Browser, type BrowserContextOptions, type Page } from 'playwright-core';
import { renderReport } from './render-report.ts';
import type { StudyReport } from './study-report.ts';
import { findChromium } from './testing/chromium.ts';
import { exampleReport } from './testing/example-report.ts';

/** Reports in a real browser, opened from a file as people do. */

const executablePath = findChromium();
if (executablePath === undefined) {
  console.warn('reports are not tested in a browser: install chromium, or say with CHROMIUM=path where it is');
}
const inBrowser = executablePath === undefined ? describe.skip : describe;

inBrowser('in Chromium', () => {
  const folder = mkdtempSync(join(tmpdir(), 'sparrow-report-'));
  let browser: Browser;

  beforeAll(async () => {
    browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });
  });

  afterAll(async () => {
    await browser.close();
    rmSync(folder, { recursive: true });
  });

  /** Opens a report; whatever the browser complains about, or asks the network for, is collected. */
  async function open(report: StudyReport, options: BrowserContextOptions = {}) {
    const path = join(folder, 'report.html');
    writeFileSync(path, renderReport(report));
    const page = await browser.newPage(options);
    const complaints: string[] = [];
    const requests: string[] = [];
    page.on('console', (message) => ['error', 'warning'].includes(message.type()) && complaints.push(message.text()));
    page.on('pageerror', (error) => complaints.push(error.message));
    page.on('request', (request) => !request.url().startsWith('data:') && requests.push(request.url()));
    const url = pathToFileURL(path).href;
    await page.goto(url);
    return { page, path, url, complaints, requests };
  }

  /** What is inside of something that scrolls may be wider than the page. */
  const isWiderThanWindow = (page: Page) =>
    page.evaluate<boolean>('document.documentElement.scrollWidth > document.documentElement.clientWidth');

  test('it opens without the network, and without complaints', async () => {
    const { page, url, complaints, requests } = await open(exampleReport(500));
    expect(await page.title()).toBe('example – Sparrow');
    expect(await page.locator('.scatter').count()).toBe(3);
    expect(await page.locator('.scatter').first().locator('circle').count()).toBe(500);
    expect(await page.locator('.confusion .cell').count()).toBe(100);
    expect(await page.locator('.confusion tbody tr').count()).toBe(10);
    const widths = 'Array.from(document.querySelectorAll(".mistakes img"), (image) => image.naturalWidth)';
    expect(await page.evaluate(widths)).toEqual([28, 28]);
    expect({ complaints, requests }).toEqual({ complaints: [], requests: [url] });
    await page.close();
  });

  test('pointing at a network shows what it is, and where it is in the other charts', async () => {
    const { page } = await open(exampleReport(40));
    const tooltip = page.locator('#tooltip');
    expect(await tooltip.isVisible()).toBe(false);
    const point = page.locator('.scatter').first().locator('[data-key="t10"]');
    await point.hover({ force: true });
    expect(await tooltip.innerText()).toMatch(/^trial 10, rung 0/);
    expect(await tooltip.innerText()).toContain('conv 3×3, int8 → 26×26×10');
    expect(await tooltip.innerText()).toMatch(/MACs\s+[\d,]+/);
    // Three charts of the front, two of the history, and its row in the table.
    expect(await page.locator('.pointed').count()).toBe(6);
    await page.mouse.move(2, 2);
    expect(await tooltip.isVisible()).toBe(false);
    expect(await page.locator('.pointed').count()).toBe(0);
    await page.close();
  });

  test('the keyboard gets to the networks of the front', async () => {
    const { page } = await open(exampleReport(40));
    await page.keyboard.press('Tab');
    const focused = 'document.activeElement.dataset.key ?? ""';
    for (let i = 0; i < 10 && (await page.evaluate(focused)) === ''; i++) await page.keyboard.press('Tab');
    expect(await page.evaluate(focused)).toBe('t1');
    expect(await page.locator('#tooltip').innerText()).toMatch(/^trial 1, rung 0/);
    await page.keyboard.press('Escape');
    expect(await page.locator('#tooltip').isVisible()).toBe(false);
    await page.close();
  });

  test('a tap on a phone shows a network until the next one, and nothing is wider than the screen', async () => {
    const { page, complaints } = await open(exampleReport(40), {
      viewport: { width: 360, height: 740 },
      hasTouch: true,
      isMobile: true,
    });
    expect(await isWiderThanWindow(page)).toBe(false);
    const point = page.locator('.scatter').nth(1).locator('[data-key="n0"]');
    await point.scrollIntoViewIfNeeded();
    const box = (await point.boundingBox())!;
    await page.touchscreen.tap(box.x + box.width / 2, box.y + box.height / 2);
    expect(await page.locator('#tooltip').innerText()).toMatch(/^best, finished/);
    expect(complaints).toEqual([]);
    await page.close();
  });

  test('dark and light differ, and both can be read', async () => {
    for (const colorScheme of ['light', 'dark'] as const) {
      const { page } = await open(exampleReport(10), { colorScheme });
      const luminances = await page.evaluate<[number, number]>(`(() => {
        const { color, backgroundColor } = getComputedStyle(document.body);
        const luminance = (text) => text.match(/\\d+/g).map(Number).slice(0, 3)
          .map((v) => (v / 255 <= 0.04045 ? v / 255 / 12.92 : ((v / 255 + 0.055) / 1.055) ** 2.4))
          .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
        return [luminance(color), luminance(backgroundColor)];
      })()`);
      const [darker, lighter] = [...luminances].sort((a, b) => a - b);
      // WCAG 2.2, 1.4.6: enhanced contrast.
      expect((lighter + 0.05) / (darker + 0.05)).toBeGreaterThan(7);
      expect(luminances[0] > luminances[1]).toBe(colorScheme === 'dark');
      await page.close();
    }
  });

  test('a report of a running search loads itself anew, and keeps what was opened', async () => {
    const running: StudyReport = { ...exampleReport(12), state: 'running', writtenAt: Date.now() };
    const context = await browser.newContext();
    const page = await context.newPage();
    await page.clock.install();
    const path = join(folder, 'running.html');
    writeFileSync(path, renderReport(running));
    await page.goto(pathToFileURL(path).href);
    await page.locator('.table-of-front summary').click();
    writeFileSync(path, renderReport({ ...running, activity: 'Training the best to the end' }));
    await page.clock.runFor(20_000);
    await page.getByText('Training the best to the end').waitFor();
    expect(await page.locator('.table-of-front').getAttribute('open')).toBe('');
    // Unless nobody wants it to.
    await page.locator('#follow').uncheck();
    writeFileSync(path, renderReport({ ...running, activity: 'not to be seen' }));
    await page.clock.runFor(40_000);
    expect(await page.getByText('not to be seen').count()).toBe(0);
    await context.close();
  });
});
