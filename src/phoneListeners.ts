import type { Config } from './config.ts';
import { listenHttp } from './http/listenHttp.ts';
import { phonesApp } from './http/phones.ts';
import type { Log } from './log.ts';
import { listenPnp } from './pnp/listenPnp.ts';
import type { Families } from './phones/family/family.ts';
import { recognise } from './phones/recognise/recognise.ts';
import { findStatic } from './provisioning/files/findStatic.ts';
import { serveFile, type FileRequest, type Served, type ServeNeeds } from './provisioning/files/serveFile.ts';
import { sharedFiles } from './files/sharedFiles.ts';
import { listenTftp } from './tftp/listenTftp.ts';

interface Closable {
  close(): Promise<void>;
}

/** Opens every way phones ask by: HTTP always, TFTP and SIP plug and play when they are switched on. */
export async function listenForPhones(
  config: Config,
  needs: ServeNeeds,
  log: Log,
  keep: (part: Closable) => unknown,
): Promise<void> {
  const { phones } = config;
  const { families } = needs;
  const staticFile = (request: FileRequest): ReturnType<typeof findStatic> =>
    config.files === undefined
      ? Promise.resolve(undefined)
      : findStatic({ families, directory: config.files }, request);

  const http = phonesApp({ serve: (request) => serveFile(needs, request), staticFile }, log, phones.trustProxy);
  keep(await listenHttp(http, { host: phones.listen, port: phones.port }, 'phones'));

  if (phones.tftpPort !== undefined) {
    const read = sharedFiles();
    const serve = async (request: FileRequest): Promise<Served | undefined> => {
      const served = await serveFile(needs, request);
      const found = served === undefined ? await staticFile(request) : undefined;
      const body = found && (await read(found.file));
      return found && body ? { mac: found.mac, family: found.family, contentType: '', body } : served;
    };
    keep(await listenTftp({ serve, host: phones.listen, port: phones.tftpPort, log }));
  }

  if (phones.pnpAddress !== undefined) {
    const urlFor = (phone: { userAgent: string | null; mac: string | null }): Promise<string | undefined> =>
      Promise.resolve(isPhone(families(), phone) ? phones.url : undefined);
    keep(await listenPnp({ address: phones.pnpAddress, urlFor, log }));
  }
}

function isPhone(
  families: Families,
  phone: { readonly userAgent: string | null; readonly mac: string | null },
): boolean {
  const path = phone.mac === null ? null : `/${phone.mac}`;
  const request = { path, userAgent: phone.userAgent, method: 'SUBSCRIBE', transport: 'sip' } as const;
  return recognise(families, request).family !== null;
}
