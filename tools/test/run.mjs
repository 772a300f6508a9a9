/**
 * Everything that a change has to pass, as `npm test` runs it: format, lint and types beside each other, then all tests.
 * Arguments go to Jest: `npm test -- packages/model`. Prints every failing check whole, ends with a summary, and writes
 * the counts to .cache/test-summary.json.
 */
import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const workspace = fileURLToPath(new URL('../..', import.meta.url));
const cache = join(workspace, '.cache');
const testCounts = join(cache, 'test-counts.json');

const STATIC_CHECKS = [
  // Lint takes as long as the other two together: two lanes for two cores.
  [{ name: 'lint', program: 'eslint/bin/eslint.js', args: ['.'] }],
  [
    { name: 'types', program: 'typescript/bin/tsc', args: ['-p', '.'] },
    { name: 'format', program: 'prettier/bin/prettier.cjs', args: ['--check', '--log-level=warn', '.'] },
  ],
];

const jest = {
  name: 'tests',
  program: 'jest/bin/jest.js',
  // Jest's own default leaves one core of two idle.
  args: ['--ci', '--maxWorkers=100%', ...process.argv.slice(2)],
  env: { NODE_OPTIONS: '--experimental-vm-modules --disable-warning=ExperimentalWarning', TEST_COUNTS: testCounts },
  live: true,
};

/** Runs one program of node_modules to its end. Its output is shown if it is `live`, or if it fails. */
function check({ name, program, args, env = {}, live = false }) {
  const start = performance.now();
  return new Promise((resolve) => {
    let output = '';
    const child = spawn(process.execPath, [join(workspace, 'node_modules', program), ...args], {
      cwd: workspace,
      env: { ...process.env, ...env },
      stdio: ['ignore', live ? 'inherit' : 'pipe', live ? 'inherit' : 'pipe'],
    });
    child.stdout?.on('data', (chunk) => (output += chunk));
    child.stderr?.on('data', (chunk) => (output += chunk));
    child.on('close', (code) => {
      const passed = code === 0;
      if (!passed && output !== '') console.log(`--- ${name}\n${output.trimEnd()}\n`);
      resolve({ name, passed, seconds: (performance.now() - start) / 1000 });
    });
  });
}

async function inSequence(checks) {
  const results = [];
  for (const each of checks) results.push(await check(each));
  return results;
}

/** Single tests, from count-reporter.mjs. */
function countTests() {
  try {
    return JSON.parse(readFileSync(testCounts, 'utf8'));
  } catch {
    return { passed: 0, failed: 1 };
  }
}

mkdirSync(cache, { recursive: true });
rmSync(testCounts, { force: true });

const staticResults = (await Promise.all(STATIC_CHECKS.map(inSequence))).flat();
const testResult = await check(jest);
const tests = countTests();
if (!testResult.passed && tests.failed === 0) tests.failed = 1; // ended early, or found no test

const summary = {
  passed: tests.passed + staticResults.filter(({ passed }) => passed).length,
  failed: tests.failed + staticResults.filter(({ passed }) => !passed).length,
};
writeFileSync(join(cache, 'test-summary.json'), `${JSON.stringify(summary)}\n`);

console.log('');
for (const { name, passed, seconds } of [...staticResults, testResult]) {
  const counts = name === testResult.name ? `  ${tests.passed} passed, ${tests.failed} failed` : '';
  console.log(`${passed ? 'passed' : 'FAILED'}  ${name.padEnd(6)}  ${seconds.toFixed(1).padStart(6)} s${counts}`);
}
process.exitCode = summary.failed === 0 ? 0 : 1;
