// What stays when the process is killed on a PostgreSQL server.
import { describeKill } from '../support/kill-journey.ts';

describeKill('PostgreSQL', process.env['TEST_DATABASE_URL']);
