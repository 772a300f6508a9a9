import { writeFileSync } from 'node:fs';

/**
 * Writes how many tests passed and failed to the file TEST_COUNTS. A test file that could not even be loaded counts as one
 * failure. (Jest's own JSON report cannot be written when an error that a test threw refers to itself.)
 */
export default class CountReporter {
  onRunComplete(_contexts, { numPassedTests, numFailedTests, numRuntimeErrorTestSuites }) {
    const counts = { passed: numPassedTests, failed: numFailedTests + numRuntimeErrorTestSuites };
    writeFileSync(process.env.TEST_COUNTS, `${JSON.stringify(counts)}\n`);
  }
}
