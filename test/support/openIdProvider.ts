import { generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { Provider } from 'oidc-provider';

/** A provider of OpenID Connect on this machine, with one client. */
export interface OpenIdProvider {
  readonly issuer: string;
  /** Who signs in there next: what is said of them. Without any, the person refuses. */
  signsIn(claims: Readonly<Record<string, unknown>> | null): void;
  close(): Promise<void>;
}

export const CLIENT = { id: 'selfprov', secret: 'only between these two' };

/** Asks nobody elsewhere for letters, as its own page does. */
function logoutSource(context: { body: string }, form: string): void {
  context.body = `<!doctype html><title>Sign out</title>${form}`;
}

/** `home` is where our page is; it ends with `/`. */
export async function startOpenIdProvider(port: number, home: string): Promise<OpenIdProvider> {
  const issuer = `http://127.0.0.1:${port}`;
  let person: Readonly<Record<string, unknown>> | null = null;
  const provider = new Provider(issuer, {
    clients: [
      {
        ...{ client_id: CLIENT.id, client_secret: CLIENT.secret, grant_types: ['authorization_code'] },
        ...{ redirect_uris: [`${home}sign-in/openid/back`], post_logout_redirect_uris: [`${home}sign-in`] },
      },
    ],
    claims: { openid: ['sub'], profile: ['preferred_username', 'groups'], email: ['email', 'email_verified'] },
    pkce: { required: () => true },
    features: { devInteractions: { enabled: false }, rpInitiatedLogout: { enabled: true, logoutSource } },
    cookies: { keys: ['a key'] },
    jwks: { keys: [generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ format: 'jwk' })] },
    interactions: { url: (_: unknown, { uid }: { readonly uid: string }) => `/interaction/${uid}` },
    findAccount: (_: unknown, accountId: string) => ({ accountId, claims: () => ({ ...person, sub: accountId }) }),
    // Nobody is asked whether we may know the name.
    async loadExistingGrant({
      oidc,
    }: {
      readonly oidc: {
        readonly client: { readonly clientId: string };
        readonly session: { readonly accountId: string };
      };
    }) {
      const grant = new provider.Grant({ accountId: oidc.session.accountId, clientId: oidc.client.clientId });
      grant.addOIDCScope('openid profile email');
      await grant.save();
      return grant;
    },
  });
  const answer = provider.callback();
  const server: Server = createServer((request, response) => {
    if (request.url?.startsWith('/interaction/') !== true) return answer(request, response);
    if (request.method === 'GET')
      return void response
        .setHeader('content-type', 'text/html')
        .end('<!doctype html><title>Provider</title><form method="post"><button>It is me</button></form>');
    const refusal = { error: 'access_denied', error_description: 'nobody <b>may</b>' };
    void provider.interactionFinished(request, response, person === null ? refusal : { login: { accountId: 'one' } });
  });
  await once(server.listen(port, '127.0.0.1'), 'listening');
  return {
    issuer,
    signsIn: (claims) => void (person = claims),
    async close() {
      server.closeAllConnections();
      await new Promise((closed) => server.close(closed));
    },
  };
}
