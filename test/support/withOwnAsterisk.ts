import { freePorts } from './freePorts.ts';
import type { Environment } from './selfprovProcess.ts';

/** Where a selfprov with an Asterisk of its own is told to be. */
export interface OwnPlace {
  readonly environment: Environment & { readonly PATH: string };
  /** What phones are told. */
  readonly url: string;
  readonly health: string;
  readonly ports: Readonly<Record<'http' | 'sip' | 'ami', number>>;
}

/** `selfprov start`, `asterisk` and `serve` on loopback, with a folder of their own and nothing in it yet. */
export async function withOwnAsterisk(directory: string): Promise<OwnPlace> {
  const [http = 0, admin = 0, sip = 0, , ari = 0, ami = 0] = await freePorts(6);
  const [rtp = 0] = await freePorts(40);
  return {
    environment: {
      PATH: process.env['PATH'] ?? '',
      SELFPROV_DIR: directory,
      SELFPROV_HOST: '127.0.0.1',
      SELFPROV_PORT: String(http),
      SELFPROV_ADMIN_PORT: String(admin),
      SELFPROV_SIP_PORT: String(sip),
      // Few ports are enough for few calls.
      SELFPROV_CALLS: '5',
      SELFPROV_RTP_PORTS: `${rtp}-${rtp + 39}`,
      SELFPROV_ARI_URL: `http://127.0.0.1:${ari}`,
      SELFPROV_AMI_PORT: String(ami),
    },
    url: `http://127.0.0.1:${http}/`,
    health: `http://127.0.0.1:${admin}/healthz`,
    ports: { http, sip, ami },
  };
}
