// Tests run as native ES modules under the pinned Node; swc only strips types, as Node itself does.
export const shared = {
  testEnvironment: 'node',
  extensionsToTreatAsEsm: ['.ts'],
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      { jsc: { target: 'es2024', parser: { syntax: 'typescript' } }, module: { type: 'es6' } },
    ],
  },
  roots: ['<rootDir>/test'],
  testMatch: ['**/*.test.ts'],
  globalSetup: '<rootDir>/test/support/create-template.js',
  globalTeardown: '<rootDir>/test/support/drop-template.js',
  testTimeout: 30_000,
  maxWorkers: 2,
};

/** All that needs only Node, on the embedded engine. */
export default { ...shared, testPathIgnorePatterns: ['<rootDir>/test/browser/', '<rootDir>/test/postgres/'] };
