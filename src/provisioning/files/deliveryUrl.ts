import { Secret } from '../../domain/secret.ts';

const WITH_TOKEN = /^\/p\/([A-Za-z0-9]{16,64})(\/.*)$/s;

/** The URL that a device's file sets as its provisioning server: file names are appended to it. */
export function deliveryUrl(openUrl: string, token: Secret): Secret {
  return new Secret(`${openUrl}p/${token.reveal()}/`);
}

/** Takes a token out of a requested path; what is left can be logged. */
export function splitToken(path: string): { readonly token: Secret | null; readonly path: string } {
  const [, token, rest] = WITH_TOKEN.exec(path) ?? [];
  if (token === undefined || rest === undefined) return { token: null, path };
  return { token: new Secret(token), path: rest };
}
