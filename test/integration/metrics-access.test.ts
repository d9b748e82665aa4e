import express from 'express';
import { expect } from 'chai';
import { metricsHandler } from '../../src/http/metrics.ts';
import { listenHttp } from '../../src/http/listenHttp.ts';
import { visitorOf } from '../../src/http/apiApp.ts';
import { addApiToken } from '../../src/administration/apiTokens.ts';
import { createLog } from '../../src/log.ts';
import { openTestCore } from '../support/core.ts';

describe('Who may read the metrics', () => {
  it('is everybody on this machine, and elsewhere who shows a token', async () => {
    const core = await openTestCore();
    const app = express();
    // As a proxy says where somebody is.
    app.set('trust proxy', 'loopback');
    const scrape = () => Promise.resolve({ contentType: 'text/plain', text: 'up 1\n' });
    const mayRead = (request: express.Request): Promise<boolean> =>
      visitorOf(core, request).then(
        () => true,
        () => false,
      );
    app.get('/metrics', metricsHandler(scrape, mayRead));
    const log = createLog('silent');
    const { port, close } = await listenHttp(app, { host: '127.0.0.1', port: 0, what: 'tests', log });
    const { token } = await addApiToken(core, { name: 'prometheus', scopes: ['read'], tenantId: null, lasts: null });
    const ask = async (headers: Readonly<Record<string, string>> = {}): Promise<number> =>
      (await fetch(`http://127.0.0.1:${port}/metrics`, { headers })).status;
    const elsewhere = { 'x-forwarded-for': '192.0.2.7' };
    expect(await ask()).to.equal(200);
    expect(await ask(elsewhere)).to.equal(401);
    expect(await ask({ ...elsewhere, authorization: `Bearer ${token.reveal()}` })).to.equal(200);
    await close();
    await core.close();
  });
});
