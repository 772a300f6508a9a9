import js from '@eslint/js';
import { createProjectGraphAsync } from '@nx/devkit';
import nx from '@nx/eslint-plugin';
import tseslint from 'typescript-eslint';

// enforce-module-boundaries passes everything, silently, unless Nx's project graph is there and up to date.
process.env.NX_DAEMON ??= 'false';
process.env.NX_ISOLATE_PLUGINS ??= 'false';
await createProjectGraphAsync();

/** What each package may import of ours: the table of ARCHITECTURE.md. Nothing else is allowed, so imports run downwards. */
const MAY_IMPORT = {
  model: [],
  datasets: [],
  optimizer: [],
  training: ['model', 'datasets'],
  codegen: ['model'],
  hil: ['model', 'codegen', 'datasets'],
  report: ['model', 'optimizer'],
  search: ['model', 'datasets', 'training', 'optimizer', 'codegen', 'hil', 'report'],
};

/** External packages that only one of ours may import, so that the rest of the project does not know them. */
const RESERVED = { '@tensorflow/*': 'training', avr8js: 'hil', serialport: 'hil', '@serialport/*': 'hil' };

function boundary(name) {
  return {
    sourceTag: `scope:${name}`,
    onlyDependOnLibsWithTags: [name, ...MAY_IMPORT[name]].map((allowed) => `scope:${allowed}`),
    bannedExternalImports: Object.keys(RESERVED).filter((external) => RESERVED[external] !== name),
  };
}

const reservedOutsidePackages = Object.entries(RESERVED).map(([external, owner]) => ({
  group: [external],
  message: `Only packages/${owner} may import it.`,
}));

export default tseslint.config(
  { ignores: ['**/node_modules/', '.toolchain*/', '.cache/', '.nx/', 'runs/', 'coverage/', 'zoo/'] },
  {
    // Exceptions are made here, where they can be seen, not in the code.
    linterOptions: { noInlineConfig: true, reportUnusedDisableDirectives: 'error' },
  },
  js.configs.recommended,
  ...tseslint.configs.recommended,
  {
    rules: {
      eqeqeq: 'error',
      'prefer-const': 'error',
      'no-console': 'off',
      'max-lines': ['warn', { max: 300, skipBlankLines: true, skipComments: true }],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
    },
  },
  {
    files: ['**/*.mjs'],
    languageOptions: {
      globals: Object.fromEntries(
        ['process', 'console', 'URL', 'Buffer', 'performance', 'setTimeout', 'clearTimeout', 'WebAssembly'].map(
          (name) => [name, 'readonly'],
        ),
      ),
    },
  },
  {
    // What reports carry with them, for browsers.
    files: ['packages/report/src/client/*.mjs'],
    languageOptions: {
      globals: Object.fromEntries(
        ['document', 'window', 'location', 'sessionStorage', 'getSelection', 'setInterval'].map((name) => [
          name,
          'readonly',
        ]),
      ),
    },
  },
  {
    // The page of the demo.
    files: ['packages/hil/src/demo/client/*.mjs'],
    languageOptions: {
      globals: Object.fromEntries(
        ['document', 'fetch', 'getComputedStyle', 'ImageData'].map((name) => [name, 'readonly']),
      ),
    },
  },
  {
    files: ['packages/*/src/**/*.ts', 'tests/**/*.ts', 'tools/**/*.ts'],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': 'error',
      '@typescript-eslint/await-thenable': 'error',
      '@typescript-eslint/only-throw-error': 'error',
      '@typescript-eslint/prefer-promise-reject-errors': ['error', { allowThrowingUnknown: true }],
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
    },
  },
  {
    files: ['packages/*/src/**/*.ts', 'packages/*/src/**/*.mjs'],
    plugins: { '@nx': nx },
    rules: {
      '@nx/enforce-module-boundaries': [
        'error',
        { enforceBuildableLibDependency: false, depConstraints: Object.keys(MAY_IMPORT).map(boundary) },
      ],
    },
  },
  {
    files: ['tests/**/*.ts', 'tools/**/*.{ts,mjs}'],
    rules: { 'no-restricted-imports': ['error', { patterns: reservedOutsidePackages }] },
  },
);
