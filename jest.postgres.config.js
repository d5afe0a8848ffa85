// The same tests on the PostgreSQL that TEST_DATABASE_URL names, with those that need a real one.
import { shared } from './jest.config.js';

if (!process.env.TEST_DATABASE_URL)
  throw new Error('Set TEST_DATABASE_URL to a PostgreSQL server where databases can be created');

export default {
  ...shared, // The journeys of the embedded engine's own folder say nothing about PostgreSQL.
  testPathIgnorePatterns: ['<rootDir>/test/browser/', '<rootDir>/test/journeys/start', '<rootDir>/test/journeys/kill'],
};
