import { existsSync, readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { unpackToolchain } from './avr-unpack.mjs';
import { failure, run, runOrExplain, SetupError, step, workspace } from './processes.mjs';

/** Unpacked tools, for those who cannot install any; also looked for by packages/hil. */
const privateTools = join(workspace, '.toolchain', 'bin');
const packages = ['gcc-avr', 'binutils-avr', 'avr-libc'];

/** avr-gcc with avr-libc and binutils: what is there if it works, else Debian's, else an error that says what to install. */
export async function ensureAvrToolchain() {
  if ((await failingTool()) === undefined) return;
  if (!(await run('apt-get', ['--version'])).succeeded || !(await run('dpkg', ['--version'])).succeeded) {
    throw new SetupError(`avr-gcc is missing: ${installationAdvice()}`);
  }
  const asRoot = process.getuid?.() === 0;
  await (asRoot
    ? step(`AVR toolchain, by apt-get install ${packages.join(' ')}`, installWithApt)
    : step('AVR toolchain, unpacked into .toolchain/', () => unpackToolchain(packages, join(workspace, '.toolchain'))));
  const failed = await failingTool();
  if (failed) throw failure('compiling for the ATmega328P with the AVR toolchain just installed', failed.output);
}

/** Compiles and links a program that needs the compiler, avr-libc and its start-up code, and starts the other tools. */
async function failingTool() {
  // In the order in which packages/hil looks for them: what was unpacked is there because PATH had none that works.
  const env = { PATH: [privateTools, process.env.PATH].join(delimiter) };
  const program = '#include <avr/io.h>\nint main(void) { PORTB = TCNT1L; return 0; }\n';
  const compile = ['-mmcu=atmega328p', '-Os', '-x', 'c', '-', '-o', '/dev/null'];
  const attempts = await Promise.all([
    run('avr-gcc', compile, { env, input: program }),
    ...['avr-objcopy', 'avr-objdump', 'avr-size', 'avr-nm'].map((tool) => run(tool, ['--version'], { env })),
  ]);
  return attempts.find(({ succeeded }) => !succeeded);
}

async function installWithApt() {
  // A source that fails to update need not be the one that has them: the installation tells.
  await run('apt-get', ['update', ...aptOptions]);
  await runOrExplain(
    'apt-get install',
    'apt-get',
    ['install', '-y', '--no-install-recommends', ...aptOptions, ...packages],
    {
      env: { DEBIAN_FRONTEND: 'noninteractive' },
    },
  );
}

const aptOptions = ['-o', 'DPkg::Lock::Timeout=120', '-o', 'Acquire::Retries=2'];

function installationAdvice() {
  if (process.platform === 'darwin') return '`brew tap osx-cross/avr && brew install avr-gcc`, then run it again';
  const system = existsSync('/etc/os-release') ? readFileSync('/etc/os-release', 'utf8') : '';
  if (/fedora|rhel|centos/.test(system)) return '`dnf install avr-gcc avr-libc avr-binutils`, then run it again';
  if (/arch|manjaro/.test(system)) return '`pacman -S avr-gcc avr-libc avr-binutils`, then run it again';
  if (/suse/.test(system)) return '`zypper install cross-avr-gcc avr-libc cross-avr-binutils`, then run it again';
  if (/alpine/.test(system)) return '`apk add gcc-avr avr-libc binutils-avr`, then run it again';
  return 'install avr-gcc 5.4 or newer, avr-libc and the AVR binutils so that they are on PATH, then run it again';
}
