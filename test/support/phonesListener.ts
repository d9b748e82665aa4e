import type { Listener } from '../../src/http/listenHttp.ts';
import { listenPhones } from '../../src/http/listenPhones.ts';
import { createLog } from '../../src/log.ts';
import { answerRequest } from '../../src/provisioning/files/answerRequest.ts';
import { answerNeeds } from './answerNeeds.ts';
import type { TestCore } from './core.ts';

export interface PhonesListener extends Listener {
  /** Every line that was logged. */
  readonly log: readonly string[];
}

/** The listener for phones over a test's store, with the shipped families. Loopback counts as a proxy that is trusted. */
export async function startPhonesListener(core: TestCore, files?: string): Promise<PhonesListener> {
  const log: string[] = [];
  const needs = answerNeeds(core, files);
  const listener = await listenPhones({
    host: '127.0.0.1',
    port: 0,
    answer: (request) => answerRequest(needs, request),
    log: createLog('debug', { write: (line: string) => void log.push(line) }),
    trustProxy: ['loopback'],
  });
  return { log, ...listener };
}
