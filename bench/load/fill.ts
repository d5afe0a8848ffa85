// `node bench/load/fill.ts [users] [organizations]`: makes the database of a load test ahead of the test, on the server
// that BENCH_DATABASE_URL names.
import { databaseWith } from './database.ts';

const [users = 1_000_000, organizations = Math.max(1, users / 1000)] = process.argv.slice(2).map(Number);
console.log(await databaseWith({ users, organizations }));
