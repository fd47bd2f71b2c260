/**
 * Runs every job that is due, once, and says so on stdout. At the step that its first argument names ("job step") it says
 * `at` and waits: to be killed, or to be stopped and woken by SIGUSR2. Its options come on stdin.
 */
import { text } from 'node:stream/consumers';
import { leadJobs, openRuns, type LeaderOptions } from './leader.js';

const [pause = ''] = process.argv.slice(2);
const options = JSON.parse(await text(process.stdin)) as LeaderOptions;
const runs = openRuns(options.runs);
let waited = false;
const done = await leadJobs(options, runs, async (job, step) => {
  if (waited || `${job} ${step}` !== pause) return;
  waited = true;
  const woken = new Promise((resolve) => process.once('SIGUSR2', resolve));
  // a pending promise alone keeps no process alive
  const awake = setInterval(() => undefined, 1000);
  process.stdout.write('at\n');
  await woken;
  clearInterval(awake);
});
process.stdout.write(`${JSON.stringify(done)}\n`);
await runs.close();
