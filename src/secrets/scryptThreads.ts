import { Worker } from 'node:worker_threads';
import { HASH_BYTES, type Cost } from './pinHash.ts';

/** What a thread answers to the task of this number. */
type Answer = { readonly id: number } & ({ readonly hash: Uint8Array } | { readonly problem: string });

/** Rejects for a cost that scrypt refuses, and when the thread ends. */
export type Scrypt = (password: Buffer, salt: Buffer, cost: Cost) => Promise<Buffer>;

/** Several threads, and how many tasks they have. */
export type ScryptThreads = Scrypt & { readonly tasks: () => number };

interface Waiting {
  resolve(hash: Buffer): void;
  reject(error: Error): void;
}

/**
 * What a thread does: one task after the other. It is given what is hashed, never the site key. As text, since a thread that
 * is started from a file has the loader of this process, or has not, by Node's version.
 */
const PROGRAM = `
  const { scryptSync } = require('node:crypto');
  const { parentPort } = require('node:worker_threads');
  parentPort.on('message', ({ id, password, salt, cost }) => {
    try {
      const hash = scryptSync(password, salt, ${HASH_BYTES}, { ...cost, maxmem: 64 * 1024 * 1024 });
      parentPort.postMessage({ id, hash });
    } catch (error) {
      parentPort.postMessage({ id, problem: String(error) });
    }
  });`;

/**
 * scrypt in threads of its own, the next one in turn. `crypto.scrypt` would fill the pool in which Node reads files too:
 * they waited behind PINs for seconds. Threads are started when they are first needed, and keep no process alive that has
 * nothing else to do.
 */
export function scryptThreads(count: number): ScryptThreads {
  const threads = Array.from({ length: count }, scryptThread);
  let [turn, tasks] = [0, 0];
  const hash: Scrypt = async (password, salt, cost) => {
    turn = (turn + 1) % count;
    const next = threads[turn] ?? scryptThread();
    tasks += 1;
    try {
      return await next(password, salt, cost);
    } finally {
      tasks -= 1;
    }
  };
  return Object.assign(hash, { tasks: () => tasks });
}

function scryptThread(): Scrypt {
  let worker: Worker | undefined;
  let last = 0;
  const waiting = new Map<number, Waiting>();

  function start(): Worker {
    const started = new Worker(PROGRAM, { eval: true, execArgv: [] });
    started.on('message', (answer: Answer) => {
      const asked = waiting.get(answer.id);
      waiting.delete(answer.id);
      if (waiting.size === 0) started.unref();
      if ('hash' in answer) asked?.resolve(Buffer.from(answer.hash));
      else asked?.reject(new Error(answer.problem));
    });
    const ended = (error: unknown): void => {
      worker = undefined;
      const reason = new Error('the thread that hashes PINs has ended', { cause: error });
      for (const { reject } of waiting.values()) reject(reason);
      waiting.clear();
    };
    started.once('error', ended);
    started.once('exit', ended);
    return started;
  }

  return (password, salt, cost) =>
    new Promise((resolve, reject) => {
      worker ??= start();
      const id = ++last;
      waiting.set(id, { resolve, reject });
      worker.ref();
      worker.postMessage({ id, password, salt, cost }, []);
    });
}
