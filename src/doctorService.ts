import { join } from 'node:path';
import { othersWith } from './asterisk/private/otherRtp.ts';
import type { Config } from './config.ts';
import { notWithout, unseen, warning, well, wrong, type Finding } from './doctor/finding.ts';
import { addressesOf, askHttp, askSip, askTftp } from './doctor/probes.ts';
import type { Known } from './doctorAtAsterisk.ts';
import type { Parts } from './health.ts';
import { servedPorts } from './listening.ts';
import { rtpPorts } from './ownAsterisk.ts';
import { checkPortsFree } from './network/freePorts.ts';
import { holderOf } from './store/sqlite/holdFolder.ts';
import { version } from './version.ts';

const healthUrl = ({ admin }: Config): string =>
  `${admin.certificate === undefined ? 'http' : 'https'}://${urlHost(admin.listen)}:${admin.port}/healthz`;

/** Milliseconds: selfprov itself waits for three seconds for an Asterisk that hangs, and for longer for a database. */
const HEALTH_WITHIN_MS = 10_000;

/**
 * What a selfprov that runs says of its parts; `undefined` where none answers. `isSilent`: somebody listens there, and has said
 * nothing for longer than an answer takes.
 */
export async function askHealth(
  config: Config,
  within = HEALTH_WITHIN_MS,
): Promise<{ readonly health: Parts | undefined; readonly isSilent: boolean }> {
  const answer = await askHttp(healthUrl(config), {}, { withinMs: within, isOurs: true });
  return 'body' in answer
    ? { health: partsIn(answer.body), isSilent: false }
    : { health: undefined, isSilent: answer.isSilent };
}

const RESTART = 'systemctl restart selfprov, or end it and start it anew';

/** Of a selfprov that does not run the ports have to be free. */
export async function serviceFindings({
  config,
  health: parts,
  isSilent,
  isBegun,
}: Known): Promise<readonly Finding[]> {
  if (parts === undefined) {
    const { directory, ari } = config;
    const process = holderOf(directory, `selfprov.${ari.app}`);
    if (process !== undefined && isSilent)
      return [
        wrong(
          `selfprov (process ${process}) hangs: it listens, and does not answer at ${healthUrl(config)}`,
          `is it stopped, or its disk or database slow? See its log; then ${RESTART}`,
        ),
      ];
    if (process !== undefined)
      return [
        wrong(
          `selfprov runs in ${directory} (process ${process}), and does not answer at ${healthUrl(config)}`,
          'it was started with other settings: give those here too (SELFPROV_CONFIG, SELFPROV_ADMIN_PORT), or start it anew',
        ),
      ];
    await checkPortsFree(servedPorts(config));
    if (!isBegun) return [unseen('not started yet; its ports are free')];
    return [
      wrong(
        'selfprov does not run',
        config.asteriskFiles === undefined
          ? `npm start, or "selfprov start"; as services: systemctl start selfprov-asterisk selfprov. Its log says why it ends: ` +
              `${join(config.logs ?? directory, 'selfprov.log')}, or journalctl -u selfprov`
          : 'systemctl start selfprov, or selfprov serve; its log says why it ends: journalctl -u selfprov',
      ),
    ];
  }
  const running = String(parts['process']?.['version']);
  return [
    ...(running === version ? [] : [warning(`version ${running} runs, and ${version} is installed`, RESTART)]),
    ...Object.entries(parts).flatMap(([name, { ok, state, error, warning: says }]) => [
      ...(ok ? [] : [wrong(`${name} is ${state}${typeof error === 'string' ? `: ${error}` : ''}`, null)]),
      ...(says === undefined ? [] : [warning(says, null)]),
    ]),
    well(`runs, version ${running}`),
  ];
}

function partsIn(body: string): Parts | undefined {
  try {
    const { ok, warnings, ...parts } = JSON.parse(body) as Parts & { readonly ok: unknown; readonly warnings: unknown };
    return typeof ok === 'boolean' && Array.isArray(warnings) ? parts : undefined;
  } catch {
    return undefined;
  }
}

/** What phones are told to ask, from here. What nobody has is answered by selfprov with the same words everywhere. */
export async function phonesFindings({ config, health }: Known): Promise<readonly Finding[]> {
  const { url, listen, port } = config.phones;
  if (!URL.canParse(url))
    return [
      wrong(`${url}, which phones are told, is no URL`, 'name a host that there is: SELFPROV_URL, SELFPROV_HOST'),
    ];
  const { hostname } = new URL(url);
  const addresses = await addressesOf(hostname.replace(/^\[|\]$/g, ''));
  if (addresses.length === 0)
    return [
      wrong(
        `nobody knows the host of ${url}, which phones are told`,
        'enter it into your DNS, or name another one: SELFPROV_URL, SELFPROV_HOST',
      ),
    ];
  if (health === undefined) return [notWithout('service')];
  const elsewhere = listensElsewhere(health, 'phones', port);
  if (elsewhere !== undefined) return [elsewhere];
  const name = 'selfprov-doctor';
  const [through, direct] = [
    await askHttp(`${url}${name}`),
    await askHttp(`http://${urlHost(listen)}:${port}/${name}`),
  ];
  if ('error' in direct)
    return [wrong(`selfprov does not answer on ${listen}:${port}: ${direct.error}`, 'look at its log')];
  if ('error' in through)
    return [
      wrong(
        `${url}, which phones are told, does not answer: ${through.error}`,
        'look at the proxy or firewall in between, or name another URL: SELFPROV_URL',
      ),
    ];
  if (through.body !== direct.body || through.status !== direct.status)
    return [
      wrong(
        `${url}, which phones are told, is answered by somebody else`,
        'look at the proxy in between, or name another URL: SELFPROV_URL',
      ),
    ];
  return [
    addresses.every(isOwnAlone)
      ? warning(
          `${url}, which phones are told, is reached from this machine only`,
          'name an address of this machine that phones reach: SELFPROV_HOST',
        )
      : well(`${url} answers`),
  ];
}

/** It says itself where it listens. */
function listensElsewhere(health: Parts, part: 'phones' | 'tftp', port: number): Finding | undefined {
  const at = health[part]?.['at'];
  if (at === port) return undefined;
  const what = part === 'tftp' ? 'TFTP' : 'phones';
  const where = typeof at === 'number' ? `for ${what} on port ${at}` : `nowhere for ${what}`;
  return wrong(
    `the selfprov that runs listens ${where}, and the settings say ${port}`,
    'give here the settings that it was started with (SELFPROV_CONFIG), or start it anew',
  );
}

const isOwnAlone = (address: string): boolean => address.startsWith('127.') || address === '::1';

export async function tftpFindings({ config, health }: Known): Promise<readonly Finding[]> {
  const { tftpPort, listen } = config.phones;
  if (tftpPort === undefined) return [well('off')];
  if (health === undefined) return [notWithout('service')];
  const elsewhere = listensElsewhere(health, 'tftp', tftpPort);
  if (elsewhere !== undefined) return [elsewhere];
  const answers = await askTftp({ host: hostOf(listen), port: tftpPort });
  return [
    answers
      ? well(`port ${tftpPort} answers`)
      : wrong(`nobody answers TFTP on port ${tftpPort}`, 'look at the log of selfprov, and at the firewall'),
  ];
}

/** An Asterisk of an administrator's own says in its own file which ports it has. Rejects where a start would refuse them. */
export async function soundFindings(config: Config): Promise<readonly Finding[]> {
  const { asteriskFiles, directory, sip } = config;
  if (asteriskFiles !== undefined) return [];
  const { rtpFirst, rtpLast } = rtpPorts(config);
  const others = await othersWith(sip.rtpPorts, join(directory, 'asterisk/etc'));
  return others.length === 0
    ? [well(`ports ${rtpFirst}-${rtpLast}, which no other Asterisk here has`)]
    : others.map((says) => warning(says, null));
}

export async function sipFindings({ config: { sip, asteriskFiles }, isBegun }: Known): Promise<readonly Finding[]> {
  const { host, port, tlsPort, transport } = sip;
  const at = transport === 'tls' ? tlsPort : port;
  const answer = await askSip({ host, port: at }, transport);
  if (answer !== undefined) return [well(`${host}:${at} answers over ${transport.toUpperCase()}`)];
  if (!isBegun) return [unseen('not started yet')];
  return [
    (await addressesOf(host)).length === 0
      ? wrong(
          `nobody knows the host ${host}, which phones are told`,
          'enter it into your DNS, or name another one: SELFPROV_SIP_HOST',
        )
      : wrong(
          `nobody answers SIP over ${transport.toUpperCase()} at ${host}:${at}, which phones are told`,
          `${
            asteriskFiles === undefined
              ? 'does its Asterisk run (see ari)? If it does, look at the firewall'
              : 'look at the transports in pjsip.conf and at the firewall'
          }; or name the right place: SELFPROV_SIP_HOST, SELFPROV_SIP_PORT`,
        ),
  ];
}

/** What listens on every address answers on the one of this machine alone. */
function hostOf(listen: string): string {
  if (listen === '0.0.0.0') return '127.0.0.1';
  return listen === '::' ? '::1' : listen;
}

function urlHost(listen: string): string {
  const host = hostOf(listen);
  return host.includes(':') ? `[${host}]` : host;
}

/** Whoever vouches for administrators has to answer here; that it knows our secret is seen when somebody signs in. */
export async function signInFindings({ config }: Pick<Known, 'config'>): Promise<readonly Finding[]> {
  const { openId, url } = config.admin;
  if (openId === undefined) return [];
  const { openIdAt } = await import('./openId/openId.ts');
  let why = '';
  const provider = openIdAt(openId, url, (error) => (why = deepest(error)));
  try {
    await provider.begin();
    return [well(`administrators sign in at ${provider.provider}, which answers`)];
  } catch (error) {
    return [
      wrong(
        `${openId.issuer}, where administrators sign in, cannot be asked: ${why === '' ? deepest(error) : why}`,
        'is it the issuer that the provider names (SELFPROV_OIDC_ISSUER), and does this machine reach it? Meanwhile one signs in by name and password: selfprov administrator invite NAME',
      ),
    ];
  }
}

/** A library says that something has failed, and its cause what. */
function deepest(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error
    ? deepest(error.cause)
    : error.message || String((error as { code?: unknown }).code);
}
