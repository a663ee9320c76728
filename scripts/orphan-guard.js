// Preloaded by scripts/bootstrap.js into what it starts: stops this process when the one that started it is gone,
// even by `kill -9`. The system closes the channel between the two then, whatever the parent had time to do.
import { isMainThread } from 'node:worker_threads';

if (isMainThread && process.channel !== undefined) {
  process.on('disconnect', () => process.kill(process.pid, 'SIGTERM'));
  // Listening alone must not keep a finished process alive.
  process.channel.unref();
}
