import { portsIn } from '../../src/phones/family/models.ts';
import { answerRequest, type AnswerNeeds } from '../../src/provisioning/files/answerRequest.ts';
import type { TestCore } from './core.ts';
import { shippedFamilies } from './phoneFacts.ts';

/** What answers requests over a test's store, with the shipped families. */
export function answerNeeds(core: TestCore, files?: string): AnswerNeeds {
  const families = shippedFamilies();
  return {
    ...core,
    families: () => families,
    portsOf: (kind) => portsIn(families, kind),
    files,
    server: {
      openUrl: 'http://prov.example.net/',
      sipHost: 'sip.example.net',
      sipPorts: { udp: 5060, tcp: 5060, tls: 5061 },
      authority: null,
      transport: 'udp',
      outboundProxy: null,
      refreshHours: 24,
    },
  };
}

/** What a phone that shows nothing but its MAC gets by TFTP, which has no User-Agent. */
export function askByTftp(needs: AnswerNeeds, mac: string, address: string): ReturnType<typeof answerRequest> {
  const claim = { token: null, address };
  return answerRequest(needs, { path: `/${mac}.cfg`, userAgent: null, method: 'GET', transport: 'tftp', claim });
}
