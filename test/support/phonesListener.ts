import { join } from 'node:path';
import { SelfprovError } from '../../src/domain/errors.ts';
import type { Registrar } from '../../src/domain/ports.ts';
import type { Listener } from '../../src/http/listenHttp.ts';
import { listenPhones } from '../../src/http/listenPhones.ts';
import { createLog } from '../../src/log.ts';
import { packageRoot } from '../../src/packageRoot.ts';
import { loadFamilies } from '../../src/phones/catalog/loadFamilies.ts';
import { answerRequest } from '../../src/provisioning/files/answerRequest.ts';
import type { TestCore } from './core.ts';

export interface PhonesListener extends Listener {
  /** Every line that was logged. */
  readonly log: readonly string[];
}

const down = (): Promise<never> => Promise.reject(new SelfprovError('unavailable', 'Asterisk is down'));
/** Phones are served while Asterisk is down: only registrations cannot be looked at. */
const ASTERISK_IS_DOWN: Registrar = { contacts: down, allContacts: down, remove: down, notify: down };

/** The listener for phones over a test's store, with the shipped families. Loopback counts as a proxy that is trusted. */
export async function startPhonesListener(core: TestCore, files?: string): Promise<PhonesListener> {
  const log: string[] = [];
  const families = loadFamilies([join(packageRoot, 'templates')]);
  const needs = {
    ...core,
    registrar: ASTERISK_IS_DOWN,
    families: () => families,
    tenantId: 'default',
    files,
    server: {
      openUrl: 'http://prov.example.net/',
      sipHost: 'sip.example.net',
      sipPorts: { udp: 5060, tcp: 5060, tls: 5061 },
      transport: 'udp' as const,
      outboundProxy: null,
      refreshHours: 24,
    },
  };
  const listener = await listenPhones({
    host: '127.0.0.1',
    port: 0,
    answer: (request) => answerRequest(needs, request),
    log: createLog('debug', { write: (line: string) => void log.push(line) }),
    trustProxy: ['loopback'],
  });
  return { log, ...listener };
}
