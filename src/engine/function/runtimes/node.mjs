/**
 * The client of Node functions: loads the handler, takes invocations from descriptor 3 one at a time and answers on
 * descriptor 4. It runs in the function's own process, beside the user's code, and imports nothing of Millrace.
 *
 * A frame is: u32 length of the rest | u32 length of the head | head (JSON) | body. `frames.ts` is the other end.
 * Descriptor 4 is written synchronously, so that what was logged or answered before `process.exit` is not lost.
 */
/* eslint-disable no-restricted-globals -- this is the user's process, where time is real */
import { readFileSync, statSync, writeSync } from 'node:fs';
import { createRequire } from 'node:module';
import { Socket } from 'node:net';
import { basename, dirname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { format } from 'node:util';

const INPUT = 3;
const OUTPUT = 4;
/** 6 MB and 100 bytes, as AWS counts: https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html */
const RESPONSE_SIZE_BYTES_MAX = 6_291_556;

const env = process.env;
const monotonicMs = performance.now.bind(performance);
/** The invocation in hand: `{ id, requestId, startedAtMs }`. */
let current;
/** Answers the invocation in hand once the event loop is empty, as callback handlers ask for. */
let whenIdle;

function send(head, body = '') {
  const headBytes = Buffer.from(JSON.stringify(head));
  const bodySize = Buffer.byteLength(body);
  const frame = Buffer.allocUnsafe(8 + headBytes.length + bodySize);
  frame.writeUInt32BE(frame.length - 4, 0);
  frame.writeUInt32BE(headBytes.length, 4);
  headBytes.copy(frame, 8);
  frame.write(body, 8 + headBytes.length);
  for (let offset = 0; offset < frame.length;) {
    try {
      offset += writeSync(OUTPUT, frame, offset);
    } catch (error) {
      if (error.code !== 'EAGAIN') throw error;
    }
  }
}

class RuntimeError extends Error {
  constructor(name, message) {
    super(message);
    this.name = name;
  }
}

/** The error object that a caller of the function gets. */
function toAnswer(error) {
  if (error instanceof Error || Object.prototype.toString.call(error) === '[object Error]') {
    return {
      errorType: String(error.name),
      errorMessage: String(error.message),
      trace: String(error.stack).split('\n'),
    };
  }
  return { errorType: typeof error, errorMessage: String(error), trace: [] };
}

function logLine(level, text) {
  const requestId = current?.requestId ?? 'undefined';
  send({ kind: 'log', whole: true }, `${new Date().toISOString()}\t${requestId}\t${level}\t${text}\n`);
}

function logError(title, error) {
  const { trace: stack, ...rest } = toAnswer(error);
  const members = error instanceof Error ? Object.fromEntries(Object.entries(error)) : {};
  logLine('ERROR', `${title}\t${safeStringify({ ...rest, ...members, stack })}`);
}

function safeStringify(value) {
  try {
    return JSON.stringify(value);
  } catch {
    return String(value);
  }
}

/** What the handler prints goes through descriptor 4, so that it is there before the answer is. */
function captureOutput() {
  for (const stream of [process.stdout, process.stderr]) {
    stream.write = (chunk, encoding, callback) => {
      send({ kind: 'log' }, typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString());
      const done = typeof encoding === 'function' ? encoding : callback;
      if (done) process.nextTick(done);
      return true;
    };
  }
  const levels = { log: 'INFO', debug: 'DEBUG', info: 'INFO', warn: 'WARN', error: 'ERROR', trace: 'TRACE' };
  for (const [method, level] of Object.entries(levels)) {
    console[method] = (...values) => logLine(level, format(...values));
  }
}

function isFile(path) {
  return statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;
}

/** `dir/index.nested.handler` is the module `dir/index` and the export `nested.handler`. */
function parseHandlerName(name) {
  const file = basename(name);
  const dot = file.indexOf('.');
  if (name.includes('..') || dot < 1 || dot === file.length - 1) {
    throw new RuntimeError('Runtime.MalformedHandlerName', 'Bad handler');
  }
  return { module: join(dirname(name), file.slice(0, dot)), path: file.slice(dot + 1).split('.') };
}

async function importModule(root, module) {
  const path = resolve(root, module);
  const file = ['', '.js', '.mjs', '.cjs'].map((extension) => path + extension).find(isFile);
  const require = createRequire(join(root, 'package.json'));
  if (file === undefined) return require(require.resolve(`./${module}`));
  if (file.endsWith('.mjs')) return import(pathToFileURL(file));
  try {
    return require(file);
  } catch (error) {
    // A module with a top-level await can only be imported.
    if (error.code !== 'ERR_REQUIRE_ASYNC_MODULE' && error.code !== 'ERR_REQUIRE_ESM') throw error;
    return import(pathToFileURL(file));
  }
}

async function loadHandler() {
  const name = env._HANDLER;
  const { module, path } = parseHandlerName(name);
  let exported;
  try {
    exported = await importModule(env.LAMBDA_TASK_ROOT, module);
  } catch (error) {
    if (error instanceof SyntaxError) throw new RuntimeError('Runtime.UserCodeSyntaxError', String(error));
    if (error?.code === 'MODULE_NOT_FOUND' || error?.code === 'ERR_MODULE_NOT_FOUND') {
      throw new RuntimeError('Runtime.ImportModuleError', `${error.name}: ${error.message}`);
    }
    throw error;
  }
  const find = (from) => path.reduce((value, key) => value?.[key], from);
  const handler = find(exported) ?? find(exported?.default);
  if (handler === undefined || handler === null) {
    throw new RuntimeError('Runtime.HandlerNotFound', `${name} is undefined or not exported`);
  }
  if (typeof handler !== 'function') {
    throw new RuntimeError('Runtime.HandlerNotFound', `${name} is not a function`);
  }
  return handler;
}

function parseClientContext(text) {
  if (!text) return undefined;
  try {
    return JSON.parse(Buffer.from(text, 'base64').toString());
  } catch {
    return undefined;
  }
}

function createContext(head, finish) {
  return {
    callbackWaitsForEmptyEventLoop: true,
    functionName: env.AWS_LAMBDA_FUNCTION_NAME,
    functionVersion: env.AWS_LAMBDA_FUNCTION_VERSION,
    invokedFunctionArn: head.arn,
    memoryLimitInMB: env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE,
    awsRequestId: head.requestId,
    logGroupName: env.AWS_LAMBDA_LOG_GROUP_NAME,
    logStreamName: env.AWS_LAMBDA_LOG_STREAM_NAME,
    identity: undefined,
    clientContext: parseClientContext(head.clientContext),
    getRemainingTimeInMillis: () => Math.max(0, head.deadlineMs - Date.now()),
    done: (error, result) => finish(error, result),
    fail: (error) => finish(error ?? 'handled'),
    succeed: (result) => finish(null, result),
  };
}

function stringifyResult(result) {
  try {
    return JSON.stringify(result === undefined ? null : result) ?? 'null';
  } catch {
    throw new Error('Unable to stringify response body');
  }
}

function answer(invocation, result) {
  if (current !== invocation) return;
  let body;
  try {
    body = stringifyResult(result);
  } catch (error) {
    answerError(invocation, error);
    return;
  }
  if (Buffer.byteLength(body) > RESPONSE_SIZE_BYTES_MAX) {
    const message = `Response payload size exceeded maximum allowed payload size (${RESPONSE_SIZE_BYTES_MAX} bytes).`;
    finishWith(invocation, 'error', {
      errorType: 'Function.ResponseSizeTooLarge',
      errorMessage: message,
    });
    return;
  }
  release(invocation);
  send(answerHead('response', invocation), body);
}

function answerError(invocation, error) {
  if (current !== invocation) return;
  logError('Invoke Error ', error);
  finishWith(invocation, 'error', toAnswer(error));
}

function finishWith(invocation, kind, body) {
  release(invocation);
  send(answerHead(kind, invocation), safeStringify(body));
}

/** `ms` is what the handler took: the pool learns from it whether its processes are what invocations wait for. */
function answerHead(kind, { id, startedAtMs }) {
  return { kind, id, rss: residentKb(), ms: monotonicMs() - startedAtMs };
}

function release(invocation) {
  if (current === invocation) current = undefined;
  whenIdle = undefined;
  // Between invocations the wait for the next one is what keeps the process alive.
  input.ref();
}

/** The peak so far, for the REPORT line. `ru_maxrss` is in kilobytes and costs no file. */
function residentKb() {
  return process.resourceUsage().maxRSS;
}

function invoke(handler, head, body) {
  const invocation = { id: head.id, requestId: head.requestId, startedAtMs: monotonicMs() };
  current = invocation;
  // A handler whose promise never settles leaves the event loop empty, and is then answered with null.
  input.unref();
  if (head.traceId) env._X_AMZN_TRACE_ID = head.traceId;
  let context;
  const finish = (error, result) => {
    if (current !== invocation || whenIdle !== undefined) return;
    const settle = () => (error ? answerError(invocation, error) : answer(invocation, result));
    if (context.callbackWaitsForEmptyEventLoop) whenIdle = settle;
    else settle();
  };
  context = createContext(head, finish);
  try {
    const returned = handler(JSON.parse(body), context, finish);
    if (typeof returned?.then !== 'function') return;
    returned.then(
      (result) => answer(invocation, result),
      (error) => answerError(invocation, error),
    );
  } catch (error) {
    answerError(invocation, error);
  }
}

/** Cuts frames out of chunks, which are put together only once the frame is whole. */
function createFrameReader(onFrame) {
  let chunks = [];
  let size = 0;
  let wanted = 8;
  return (chunk) => {
    chunks.push(chunk);
    size += chunk.length;
    while (size >= wanted) {
      const bytes = chunks.length === 1 ? chunks[0] : Buffer.concat(chunks);
      const end = 4 + bytes.readUInt32BE(0);
      const rest = size >= end ? bytes.subarray(end) : bytes;
      chunks = [rest];
      wanted = size >= end ? 8 : end;
      if (size >= end) {
        size -= end;
        const headEnd = 8 + bytes.readUInt32BE(4);
        onFrame(JSON.parse(bytes.toString('utf8', 8, headEnd)), bytes.toString('utf8', headEnd, end));
      }
    }
  };
}

/** Ends the process, and with it whatever the handler started: the process leads a group of its own. */
function endWithParent() {
  try {
    const [, , , , processGroup] = readFileSync('/proc/self/stat', 'utf8')
      .replace(/\(.*\)/s, 'x')
      .split(' ');
    if (Number(processGroup) === process.pid) process.kill(-process.pid, 'SIGKILL');
  } catch {
    // No /proc, or no group of our own: what is left is to end ourselves.
  }
  process.exit(0);
}

function fail(error, exitCode) {
  const invocation = current;
  if (invocation === undefined) process.exit(exitCode);
  logError(
    error.name === 'Runtime.UnhandledPromiseRejection'
      ? 'Unhandled Promise Rejection '
      : 'Uncaught Exception ',
    error,
  );
  finishWith(invocation, 'fatal', toAnswer(error));
  process.exit(exitCode);
}

process.on('unhandledRejection', (reason) => {
  fail(
    Object.assign(new RuntimeError('Runtime.UnhandledPromiseRejection', String(reason)), {
      reason: toAnswer(reason),
    }),
    128,
  );
});
process.on('uncaughtException', (error) =>
  fail(error instanceof Error ? error : new Error(String(error)), 129),
);
process.on('beforeExit', () => {
  const invocation = current;
  if (invocation === undefined) return;
  const settle = whenIdle ?? (() => answer(invocation, null));
  settle();
});

const input = new Socket({ fd: INPUT, readable: true, writable: false });
input.on('close', endWithParent);
input.on('error', endWithParent);
captureOutput();

try {
  const handler = await loadHandler();
  input.on(
    'data',
    createFrameReader((head, body) => invoke(handler, head, body)),
  );
  send({ kind: 'ready' });
} catch (error) {
  logError('Uncaught Exception ', error);
  send({ kind: 'init-error' }, safeStringify(toAnswer(error)));
  process.exit(1);
}
