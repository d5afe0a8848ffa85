// Journeys in Chromium against a running demo.
import { shared } from './jest.config.js';

export default { ...shared, roots: ['<rootDir>/test/browser'], testTimeout: 240_000, maxWorkers: 1 };
