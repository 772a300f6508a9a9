import { once } from 'node:events';
import { join } from 'node:path';
import { execa, type ResultPromise } from 'execa';
import { chromium, type Browser, type Page } from 'playwright-core';
import { findOptiboot, startVirtualUno } from '@sparrow/hil/testing';
import { findChromium } from '../packages/report/src/testing/chromium.ts';
import { workspaceRoot } from './targets.ts';

/** `nx run hil:demo` as people use it: the command, and a real browser. */

const executablePath = findChromium();
if (executablePath === undefined) {
  console.warn('the demo is not tested in a browser: install chromium, or say with CHROMIUM=path where it is');
}
const inBrowser = executablePath === undefined ? describe.skip : describe;

type Demo = ResultPromise<{ reject: false }>;

function startDemo(...flags: string[]): Demo {
  const script = join(workspaceRoot, 'packages/hil/src/bin/demo.ts');
  const model = ['--model', join(workspaceRoot, 'zoo/mnist/compact')];
  return execa(process.execPath, ['--import', import.meta.resolve('tsx'), script, ...model, ...flags], {
    reject: false,
    env: { NODE_OPTIONS: '', NO_COLOR: '1' },
  });
}

/** The page's address, once it is served. */
async function addressOf(demo: Demo): Promise<string> {
  const [line] = (await once(demo.stdout, 'data')) as [Buffer];
  return /http:\S+/.exec(line.toString())?.[0] ?? `no address in: ${line.toString()}`;
}

/** A seven, in shares of the canvas' side. */
const SEVEN = [
  [0.25, 0.2],
  [0.75, 0.2],
  [0.45, 0.85],
] as const;

async function drawSeven(page: Page): Promise<void> {
  const box = await page.locator('#canvas').boundingBox();
  if (box === null) throw new Error('the canvas is not to be seen');
  const [start, ...corners] = SEVEN.map(([x, y]) => [box.x + x * box.width, box.y + y * box.height] as const);
  await page.mouse.move(...start);
  await page.mouse.down();
  for (const corner of corners) await page.mouse.move(...corner, { steps: 8 });
  await page.mouse.up();
}

async function expectAnswer(page: Page, answer: RegExp): Promise<void> {
  const line = page.locator('#answer');
  for (let attempt = 0; attempt < 200 && !answer.test(await line.innerText()); attempt++) await page.waitForTimeout(50);
  expect(await line.innerText()).toMatch(answer);
}

inBrowser('the demo in Chromium', () => {
  let browser: Browser;
  let demo: Demo;
  let address: string;
  const complaints: string[] = [];
  const requests = new Set<string>();

  beforeAll(async () => {
    browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });
    demo = startDemo('--port', '0');
    address = await addressOf(demo);
  });
  afterAll(async () => {
    await browser.close();
    demo.kill('SIGINT');
    expect((await demo).exitCode).toBe(0);
  });

  async function open(url = address, width = 1200): Promise<Page> {
    const page = await browser.newPage({ viewport: { width, height: 800 } });
    page.on('console', (message) => ['error', 'warning'].includes(message.type()) && complaints.push(message.text()));
    page.on('pageerror', (error) => complaints.push(error.message));
    page.on('request', (request) => !request.url().startsWith('data:') && requests.add(request.url()));
    await page.goto(url);
    return page;
  }

  test('a digit that is drawn with the mouse is read, with ten logits and the time on the chip', async () => {
    const page = await open();
    await drawSeven(page);
    await expectAnswer(page, /^It is a 7$/);
    expect(await page.locator('#time').innerText()).toMatch(
      /^[\d.]+ ms on the chip, [\d,]+ cycles; \d+ ms with the line; logits equal the reference interpreter's$/,
    );
    const logits = await page.locator('td.value').allInnerTexts();
    expect(logits).toHaveLength(10);
    for (const logit of logits) expect(logit).toMatch(/^-?[\d,]+$/);
    expect(await page.locator('tr.best th').innerText()).toBe('7');
    await page.getByRole('button', { name: 'Clear' }).click();
    await expectAnswer(page, /^\s*$/);
    expect(complaints).toEqual([]);
    expect([...requests].sort()).toEqual([address, `${address}digit`]);
    await page.close();
  });

  test('it can be drawn with keys alone', async () => {
    const page = await open();
    const press = async (key: string, times = 1): Promise<void> => {
      for (let time = 0; time < times; time++) await page.keyboard.press(key);
    };
    await press('Tab');
    expect(await page.evaluate('document.activeElement.id')).toBe('canvas');
    await press('Space');
    await press('ArrowDown', 14);
    await expectAnswer(page, /^It is a 1$/);
    await press('Delete');
    await expectAnswer(page, /^\s*$/);
    await press('Tab', 2);
    await press('Enter');
    await expectAnswer(page, /^It is a \d$/);
    expect(complaints).toEqual([]);
    await page.close();
  });

  test('it fits a phone', async () => {
    const page = await open(address, 360);
    await drawSeven(page);
    await expectAnswer(page, /^It is a 7$/);
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(360);
    for (const name of ['Clear', 'Show a test image']) {
      const box = await page.getByRole('button', { name }).boundingBox();
      expect(box?.height).toBeGreaterThanOrEqual(44);
    }
    await page.close();
  });

  test('a port that is in use is one line', async () => {
    const { exitCode, stderr } = await startDemo('--port', new URL(address).port);
    expect(stderr).toMatch(/^error: port \d+ is in use[^\n]*--port$/);
    expect(exitCode).toBe(1);
  });

  (findOptiboot() === null ? test.skip : test)(
    'a board reads, says when its cable is pulled, and reads again',
    async () => {
      const uno = await startVirtualUno({ link: join(workspaceRoot, '.cache', `demo-test-${process.pid}`) });
      const onBoard = startDemo('--port', '0', '--device', uno.path);
      const page = await open(await addressOf(onBoard));
      await drawSeven(page);
      await expectAnswer(page, /^It is a 7$/);
      uno.unplug();
      await page.getByRole('button', { name: 'Clear' }).click();
      await drawSeven(page);
      await expectAnswer(page, /^(the board at \S+ was unplugged|there is no serial port .*)$/);
      uno.plugIn();
      await drawSeven(page);
      await expectAnswer(page, /^It is a 7$/);
      await page.close();
      onBoard.kill('SIGINT');
      expect((await onBoard).exitCode).toBe(0);
      await uno.close();
    },
  );
});
