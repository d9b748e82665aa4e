import type { Config } from './config.ts';
import type { ListeningPort } from './network/freePorts.ts';

/** Where this process listens, for phones and for administration. */
export function servedPorts({ phones, admin }: Pick<Config, 'phones' | 'admin'>): readonly ListeningPort[] {
  const { listen, listenSetting, port, tftpPort } = phones;
  const forPhones = { addressSetting: listenSetting, address: listen };
  const forUs = { addressSetting: 'SELFPROV_ADMIN_LISTEN', address: admin.listen };
  const tftp = { ...forPhones, setting: 'SELFPROV_TFTP_PORT', what: 'TFTP', protocol: 'udp' } as const;
  return [
    { ...forPhones, setting: 'SELFPROV_PORT', what: 'phones', protocol: 'tcp', port },
    ...(tftpPort === undefined ? [] : [{ ...tftp, port: tftpPort }]),
    { ...forUs, setting: 'SELFPROV_ADMIN_PORT', what: 'administration', protocol: 'tcp', port: admin.port },
  ];
}
