// Tests run as native ES modules under the pinned Node; swc only strips types, as Node itself does.
export default {
  testEnvironment: 'node',
  extensionsToTreatAsEsm: ['.ts'],
  transform: {
    '^.+\\.ts$': ['@swc/jest', { jsc: { target: 'es2024', parser: { syntax: 'typescript' } }, module: { type: 'es6' } }],
  },
  roots: ['<rootDir>/test'],
  testMatch: ['**/*.test.ts'],
  testPathIgnorePatterns: ['/node_modules/', '<rootDir>/test/browser/', '<rootDir>/test/postgres/'],
  globalSetup: '<rootDir>/test/support/create-template.js',
  globalTeardown: '<rootDir>/test/support/drop-template.js',
  testTimeout: 30_000,
};
