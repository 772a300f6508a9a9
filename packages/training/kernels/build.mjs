/**
 * Compiles the kernels to kernels.wasm, which is committed so that users need no Emscripten.
 *   node build.mjs           rebuilds it
 *   node build.mjs --check   fails unless the committed bytes are what the sources give
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const FOLDER = fileURLToPath(new URL('.', import.meta.url));
const COMMITTED = join(FOLDER, 'kernels.wasm');
/** The version that the committed bytes come from. */
const EMSCRIPTEN = '3.1.6';
const FLAGS = [
  ...['-std=c11', '-O3', '-msimd128', '-Wall', '-Wextra', '-Werror'],
  ...[
    '--no-entry',
    '-sALLOW_MEMORY_GROWTH',
    '-sINITIAL_MEMORY=131072',
    '-sTOTAL_STACK=65536',
    '-Wl,--export=__heap_base',
  ],
];

function fail(message) {
  console.error(message);
  process.exit(1);
}

function emcc(args) {
  try {
    return execFileSync('emcc', args, { cwd: FOLDER, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });
  } catch (error) {
    if (error.code === 'ENOENT') {
      return fail(`emcc is missing: install Emscripten ${EMSCRIPTEN} (Debian 12: apt install emscripten)`);
    }
    return fail('emcc failed on the training kernels, see above');
  }
}

/** Another version gives other bytes from the same sources: good to try a change, not to commit or to compare. */
function versionTrouble() {
  const version = /\d+\.\d+\.\d+/.exec(emcc(['--version']))?.[0] ?? 'of an unknown version';
  return version === EMSCRIPTEN ? undefined : `emcc is ${version}, the committed kernels.wasm comes from ${EMSCRIPTEN}`;
}

function build() {
  const sources = readdirSync(FOLDER).filter((name) => name.endsWith('.c'));
  const folder = mkdtempSync(join(tmpdir(), 'sparrow-kernels-'));
  try {
    const output = join(folder, 'kernels.wasm');
    emcc([...FLAGS, ...sources.sort(), '-o', output]);
    return readFileSync(output);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const [flag, ...others] = process.argv.slice(2);
if (others.length > 0 || (flag !== undefined && flag !== '--check')) {
  fail('usage: node packages/training/kernels/build.mjs [--check]');
}
const trouble = versionTrouble();
if (flag === '--check') {
  if (trouble) fail(`${trouble}: cannot compare them`);
  if (!build().equals(readFileSync(COMMITTED))) {
    fail('kernels.wasm is not what its sources give: run `npx nx run training:kernels` and commit it');
  }
  console.log('kernels.wasm is what its sources give');
} else {
  const bytes = build();
  writeFileSync(COMMITTED, bytes);
  console.log(`kernels.wasm: ${bytes.length} bytes`);
  if (trouble) console.error(`${trouble}: do not commit this one`);
}
