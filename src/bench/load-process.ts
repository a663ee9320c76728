/**
 * The process that makes the load: takes one plan at a time from its parent and answers what came of it. The
 * channel to the parent keeps it alive, and its end ends it.
 */
import { runLoad, type LoadPlan } from './load.ts';

process.on('disconnect', () => process.kill(process.pid, 'SIGTERM'));
process.on('message', (plan: LoadPlan) => {
  void runLoad(plan).then((result) => process.send?.(result));
});
