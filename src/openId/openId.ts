import * as client from 'openid-client';
import type { Role } from '../domain/access.ts';
import { SelfprovError } from '../domain/errors.ts';
import type { Secret } from '../domain/secret.ts';
import { personIn, type Wanted } from './person.ts';

export interface OpenIdSettings extends Wanted {
  readonly issuer: string;
  readonly clientId: string;
  /** `undefined`: a client that has none. */
  readonly secret: Secret | undefined;
  /** Besides `openid`. */
  readonly scopes: readonly string[];
}

/** What a browser keeps while somebody signs in elsewhere; nobody else knows it. */
export interface Begun {
  readonly state: string;
  readonly nonce: string;
  readonly verifier: string;
}

/** A provider at which administrators sign in. */
export interface OpenId {
  /** Its host, for a reader. */
  readonly provider: string;
  /** Where a browser goes to sign in. Rejects with `unavailable` when the provider cannot be asked. */
  begin(): Promise<{ readonly url: string; readonly begun: Begun }>;
  /**
   * Who has come back, by the query of the URL. Rejects with `unauthorized` for what is no answer to what was begun and for a refusal
   * of the provider, and with `unavailable`.
   */
  finish(query: string, begun: Begun): Promise<{ readonly name: string; readonly role?: Role | undefined }>;
  /** Where one signs out there too; `undefined`: it has no such place. Rejects with `unavailable`. */
  endUrl(): Promise<string | undefined>;
}

const WITHIN_SECONDS = 5;
/** So long is believed what a provider has said of itself. */
const KNOWN_MS = 60 * 60_000;

/**
 * `home` is where browsers find us; it ends with `/`. Nothing is asked before somebody signs in: a provider that is down keeps nobody
 * from starting. `failed` hears why something did not work.
 */
export function openIdAt(settings: OpenIdSettings, home: string, failed: (error: unknown) => void): OpenId {
  const { issuer, clientId, scopes } = settings;
  const provider = new URL(issuer).host;
  const back = `${home}sign-in/openid/back`;
  let known: { readonly until: number; readonly asked: Promise<client.Configuration> } | undefined;

  async function configuration(): Promise<client.Configuration> {
    if (known === undefined || Date.now() > known.until)
      known = { until: Date.now() + KNOWN_MS, asked: discover(settings) };
    try {
      return await known.asked;
    } catch (error) {
      known = undefined;
      failed(error);
      throw away();
    }
  }

  function away(): SelfprovError {
    return new SelfprovError(
      'unavailable',
      `${provider} cannot be asked at the moment: try again, or sign in by name and password; the log of selfprov says why`,
    );
  }

  /** What to say of an answer that is none. */
  function meaningOf(error: unknown): SelfprovError {
    if (error instanceof SelfprovError) return error;
    failed(error);
    if (error instanceof client.AuthorizationResponseError)
      return new SelfprovError('unauthorized', `${provider} lets nobody in: ${error.error_description ?? error.error}`);
    const isStranger =
      error instanceof client.WWWAuthenticateChallengeError ||
      (error instanceof client.ResponseBodyError && error.error === 'invalid_client');
    if (isStranger)
      return new SelfprovError(
        'unavailable',
        `${provider} does not know this selfprov: its id or secret there are others (SELFPROV_OIDC_CLIENT_ID, _SECRET)`,
      );
    const isAway = error instanceof TypeError || (error instanceof client.ClientError && AWAY.has(error.code ?? ''));
    if (isAway) return away();
    return new SelfprovError('unauthorized', `what ${provider} has answered is none, or too old: sign in once more`);
  }

  return {
    provider,
    async begin() {
      const config = await configuration();
      const begun = {
        state: client.randomState(),
        nonce: client.randomNonce(),
        verifier: client.randomPKCECodeVerifier(),
      };
      const url = client.buildAuthorizationUrl(config, {
        ...{ redirect_uri: back, scope: ['openid', ...scopes].join(' '), state: begun.state, nonce: begun.nonce },
        ...{ code_challenge: await client.calculatePKCECodeChallenge(begun.verifier), code_challenge_method: 'S256' },
      });
      return { url: url.href, begun };
    },
    async finish(query, { state, nonce, verifier }) {
      const config = await configuration();
      try {
        const tokens = await client.authorizationCodeGrant(config, new URL(`${back}${query}`), {
          ...{ expectedState: state, expectedNonce: nonce, pkceCodeVerifier: verifier, idTokenExpected: true },
        });
        const claims = tokens.claims();
        if (claims === undefined) throw new Error('there is no ID token');
        // Many say who somebody is to who asks for it, and not in the token.
        const more =
          config.serverMetadata().userinfo_endpoint === undefined
            ? {}
            : await client.fetchUserInfo(config, tokens.access_token, claims.sub);
        return personIn({ ...more, ...claims }, settings, provider);
      } catch (error) {
        throw meaningOf(error);
      }
    },
    async endUrl() {
      const config = await configuration();
      if (config.serverMetadata().end_session_endpoint === undefined) return undefined;
      return client.buildEndSessionUrl(config, { client_id: clientId, post_logout_redirect_uri: `${home}sign-in` })
        .href;
    },
  };
}

const AWAY = new Set(['OAUTH_TIMEOUT', 'OAUTH_RESPONSE_IS_NOT_CONFORM', 'OAUTH_RESPONSE_IS_NOT_JSON']);

async function discover({ issuer, clientId, secret }: OpenIdSettings): Promise<client.Configuration> {
  // Which of these a provider takes it says itself.
  const authenticate: client.ClientAuth = (as, ...rest) => {
    if (secret === undefined) return client.None()(as, ...rest);
    const { token_endpoint_auth_methods_supported: ways = ['client_secret_basic'] } = as;
    const way = ways.includes('client_secret_basic') ? client.ClientSecretBasic : client.ClientSecretPost;
    return way(secret.reveal())(as, ...rest);
  };
  // Settings allow it on this machine alone.
  const plain = issuer.startsWith('http:') ? { execute: [client.allowInsecureRequests] } : {};
  return client.discovery(new URL(issuer), clientId, undefined, authenticate, { timeout: WITHIN_SECONDS, ...plain });
}
