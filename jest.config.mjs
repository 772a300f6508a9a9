/** Jest over the whole monorepo; `npx jest packages/model` runs one package. */
export default {
  testEnvironment: 'node',
  // execa keeps a global emitter (signal-exit) that outlives a test file; Jest's clean-up of globals breaks it.
  testEnvironmentOptions: { globalsCleanup: 'off' },
  setupFiles: ['<rootDir>/tools/test/environment.mjs'],
  reporters: ['default', ...(process.env.TEST_COUNTS ? ['<rootDir>/tools/test/count-reporter.mjs'] : [])],
  roots: ['<rootDir>/packages', '<rootDir>/tests', '<rootDir>/tools'],
  testMatch: ['**/*.test.ts'],
  extensionsToTreatAsEsm: ['.ts'],
  transform: {
    '\\.ts$': ['@swc/jest', { jsc: { target: 'es2022', parser: { syntax: 'typescript' } }, module: { type: 'es6' } }],
  },
  transformIgnorePatterns: ['/node_modules/(?!@sparrow/)'],
  testTimeout: 60_000,
};
