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
  const path = join(folder, 'report.html');
  const url = pathToFileURL(path).href;
  let browser: Browser;
  let desktop: Page;
  /** What the browser complains about, and what it asks for, since the last report was opened. */
  let complaints: string[] = [];
  let requests: string[] = [];

  beforeAll(async () => {
    browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });
    desktop = await newPage();
  });

  afterAll(async () => {
    await browser.close();
    rmSync(folder, { recursive: true });
  });

  async function newPage(options: BrowserContextOptions = {}): Promise<Page> {
    const page = await browser.newPage(options);
    page.on('console', (message) => ['error', 'warning'].includes(message.type()) && complaints.push(message.text()));
    page.on('pageerror', (error) => complaints.push(error.message));
    page.on('request', (request) => !request.url().startsWith('data:') && requests.push(request.url()));
    return page;
  }

  async function open(page: Page, report: StudyReport): Promise<void> {
    complaints = [];
    requests = [];
    writeFileSync(path, renderReport(report));
    await page.goto(url);
  }

  test('it opens without the network, and without complaints', async () => {
    await open(desktop, exampleReport(500));
    const found = await desktop.evaluate(`({
      title: document.title,
      charts: document.querySelectorAll('.scatter').length,
      points: document.querySelectorAll('.scatter circle.point').length,
      rows: document.querySelectorAll('.confusion tbody tr').length,
      cells: document.querySelectorAll('.confusion .cell').length,
      pictures: Array.from(document.querySelectorAll('.mistakes img'), (image) => image.naturalWidth),
    })`);
    const charts = { charts: 3, points: 1500 };
    const answers = { rows: 10, cells: 100, pictures: [28, 28] };
    expect(found).toEqual({ title: 'example – Sparrow', ...charts, ...answers });
    expect({ complaints, requests }).toEqual({ complaints: [], requests: [url] });
  });

  test('pointing at a network shows what it is, and where it is in the other charts', async () => {
    await open(desktop, exampleReport(40));
    const tooltip = desktop.locator('#tooltip');
    expect(await tooltip.isVisible()).toBe(false);
    await desktop.locator('.scatter').first().locator('[data-key="t10"]').hover({ force: true });
    const text = await tooltip.innerText();
    expect(text).toMatch(/^trial 10, rung 0/);
    expect(text).toContain('conv 3×3, int8 → 26×26×10');
    expect(text).toMatch(/MACs\s+[\d,]+/);
    // Three charts of the front, two of the history, and its row in the table.
    expect(await desktop.locator('.pointed').count()).toBe(6);
    await desktop.mouse.move(2, 2);
    expect(await tooltip.isVisible()).toBe(false);
    expect(await desktop.locator('.pointed').count()).toBe(0);
  });

  test('the keyboard gets to the networks of the front', async () => {
    await open(desktop, exampleReport(40));
    const focused = 'document.activeElement.dataset.key ?? ""';
    for (let i = 0; i < 10 && (await desktop.evaluate(focused)) === ''; i++) await desktop.keyboard.press('Tab');
    expect(await desktop.evaluate(focused)).toBe('t1');
    expect(await desktop.locator('#tooltip').innerText()).toMatch(/^trial 1, rung 0/);
    await desktop.keyboard.press('Escape');
    expect(await desktop.locator('#tooltip').isVisible()).toBe(false);
  });

  test('dark and light differ, and both can be read', async () => {
    for (const colorScheme of ['light', 'dark'] as const) {
      await desktop.emulateMedia({ colorScheme });
      const [text, background] = await desktop.evaluate<[number, number]>(`(() => {
        const { color, backgroundColor } = getComputedStyle(document.body);
        const luminance = (text) => text.match(/\\d+/g).map(Number).slice(0, 3)
          .map((v) => (v / 255 <= 0.04045 ? v / 255 / 12.92 : ((v / 255 + 0.055) / 1.055) ** 2.4))
          .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
        return [luminance(color), luminance(backgroundColor)];
      })()`);
      // WCAG 2.2, 1.4.6: enhanced contrast.
      expect((Math.max(text, background) + 0.05) / (Math.min(text, background) + 0.05)).toBeGreaterThan(7);
      expect(text > background).toBe(colorScheme === 'dark');
    }
  });

  test('a report of a running search loads itself anew, and keeps what was opened', async () => {
    const running: StudyReport = { ...exampleReport(12), state: 'running', writtenAt: Date.now() };
    await desktop.clock.install();
    await open(desktop, running);
    await desktop.locator('.table-of-front summary').click();
    writeFileSync(path, renderReport({ ...running, activity: 'Training the best to the end' }));
    await desktop.clock.runFor(20_000);
    await desktop.getByText('Training the best to the end').waitFor();
    expect(await desktop.locator('.table-of-front').getAttribute('open')).toBe('');
    // Unless nobody wants it to.
    await desktop.locator('#follow').uncheck();
    writeFileSync(path, renderReport({ ...running, activity: 'not to be seen' }));
    await desktop.clock.runFor(40_000);
    expect(await desktop.getByText('not to be seen').count()).toBe(0);
  });

  test('on a phone a tap shows a network until the next one, and nothing is wider than the screen', async () => {
    const phone = await newPage({ viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true });
    await open(phone, exampleReport(40));
    const { scrollWidth, clientWidth } = await phone.evaluate<{ scrollWidth: number; clientWidth: number }>(
      '({ scrollWidth: document.documentElement.scrollWidth, clientWidth: document.documentElement.clientWidth })',
    );
    expect(scrollWidth).toBeLessThanOrEqual(clientWidth);
    const point = phone.locator('.scatter').nth(1).locator('[data-key="n0"]');
    await point.scrollIntoViewIfNeeded();
    const { x, y, width, height } = (await point.boundingBox())!;
    await phone.touchscreen.tap(x + width / 2, y + height / 2);
    expect(await phone.locator('#tooltip').innerText()).toMatch(/^best, finished/);
    await phone.touchscreen.tap(x + width / 2, y + height / 2);
    expect(await phone.locator('#tooltip').isVisible()).toBe(false);
    expect(complaints).toEqual([]);
  });
});
