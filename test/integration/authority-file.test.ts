import { expect } from 'chai';
import { X509Certificate } from 'node:crypto';
import { makeCertificate, makeKey } from '../../src/certificates/makeCertificate.ts';
import { answerRequest, type AnswerNeeds } from '../../src/provisioning/files/answerRequest.ts';
import { answerNeeds } from '../support/answerNeeds.ts';
import { openTestCore, type TestCore } from '../support/core.ts';

describe('The certificate of the authority that phones are told of', () => {
  let core: TestCore;
  let needs: AnswerNeeds;
  let authority: string;

  before(async () => {
    core = await openTestCore();
    const key = await makeKey();
    const [name, from] = ['selfprov test', Date.now()];
    authority = makeCertificate({ name, key, issuer: { name, key }, from, until: from + 60_000, host: null });
    needs = answerNeeds(core);
  });
  after(() => core.close());

  async function got(path: string, known: string | null, method = 'GET'): Promise<Buffer | undefined> {
    const claim = { token: null, address: '192.0.2.1' };
    const asked = { path, userAgent: null, method, transport: 'http', claim } as const;
    const answer = await answerRequest({ ...needs, server: { ...needs.server, authority: known } }, asked);
    return answer?.kind === 'rendered' ? answer.body : undefined;
  }

  it('is there for anybody, as PEM and as DER', async () => {
    expect((await got('/ca.crt', authority))?.toString()).to.equal(authority);
    const der = await got('/ca.der', authority);
    expect(der && new X509Certificate(der).toString()).to.equal(authority);
  });

  it('is not there when there is none, and nobody puts another in its place', async () => {
    expect(await got('/ca.crt', null)).to.equal(undefined);
    expect(await got('/ca.crt', authority, 'PUT')).to.equal(undefined);
  });
});
