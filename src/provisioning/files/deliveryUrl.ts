import { Secret } from '../../domain/secret.ts';

/** The URL that a device's file sets as its provisioning server: file names are appended to it. */
export function deliveryUrl(openUrl: string, token: Secret): Secret {
  return new Secret(`${openUrl}p/${token.reveal()}/`);
}
