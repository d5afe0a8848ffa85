// What stays when the process is killed on the embedded engine; the stale lock of its folder is taken over.
import { describeKill } from '../support/kill-journey.ts';

describeKill('the embedded engine');
