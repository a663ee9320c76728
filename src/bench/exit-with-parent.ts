/**
 * Imported into every process that the benchmark starts: ends it when the one that started it is gone, even by
 * `kill -9`, for the system closes the channel between the two. It must stay free of imports: it is loaded in front
 * of the server whose start is measured.
 */
process.on('disconnect', () => process.kill(process.pid, 'SIGTERM'));
// Listening alone must not keep a finished process alive. A worker thread has no channel of its own.
process.channel?.unref();
