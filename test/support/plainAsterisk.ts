import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { freePorts } from './freePorts.ts';
import { waitFor } from './wait.ts';
import { theAsterisk } from './theAsterisk.ts';

const MODULES = `
pbx_config app_dial app_stasis app_playback app_echo app_verbose codec_ulaw codec_alaw codec_gsm codec_resample
format_gsm format_wav format_pcm func_callerid func_strings func_logic func_channel func_pjsip_endpoint func_pjsip_contact
func_pjsip_aor bridge_simple bridge_softmix res_sorcery_astdb res_sorcery_config res_sorcery_memory res_sorcery_realtime
res_http_websocket res_websocket_client res_stasis res_stasis_answer res_stasis_playback res_stasis_recording
res_stasis_snoop res_stasis_device_state res_ari res_ari_model res_ari_applications res_ari_asterisk res_ari_bridges
res_ari_channels res_ari_device_states res_ari_endpoints res_ari_events res_ari_playbacks res_ari_recordings
res_ari_sounds res_rtp_asterisk res_pjproject res_pjsip res_pjsip_acl res_pjsip_authenticator_digest
res_pjsip_caller_id res_pjsip_dtmf_info res_pjsip_endpoint_identifier_user res_pjsip_endpoint_identifier_ip
res_pjsip_header_funcs res_pjsip_logger res_pjsip_nat res_pjsip_notify res_pjsip_outbound_authenticator_digest
res_pjsip_pubsub res_pjsip_registrar res_pjsip_rfc3326 res_pjsip_sdp_rtp res_pjsip_session chan_pjsip`;

export const ARI_PASSWORD = 'ari-secret';
export const AMI_PASSWORD = 'ami-secret';
/** Digest secret of every auth object below. */
export const SIP_PASSWORD = 'phone-secret';

export interface PlainAsterisk {
  readonly ariUrl: string;
  readonly amiPort: number;
  readonly sipPort: number;
  readonly folder: string;
  /** Of the process that runs now. */
  pid(): number;
  start(): Promise<void>;
  kill(signal: NodeJS.Signals): void;
  /** SIGSTOP; resolves when it has stopped. */
  freeze(): Promise<void>;
  /** Ends the process and waits until it is gone; the configuration and the database stay. */
  stop(signal?: NodeJS.Signals): Promise<void>;
  /** Takes the endpoint and AOR of this name out of pjsip.conf, and puts them back; the registrations stay. */
  hideAccount(name: string): Promise<void>;
  showAccount(name: string): Promise<void>;
  /** One command of Asterisk's console; its output. */
  cli(command: string): Promise<string>;
  close(): Promise<void>;
}

interface Ports {
  readonly http: number;
  readonly ami: number;
  readonly sip: number;
  /** The first of forty. */
  readonly rtp: number;
}

/** Configuration files by name, where everything of this Asterisk is in one folder. */
export type FilesOf = (folder: string, modules: string, ports: Ports) => Readonly<Record<string, string>>;

/** Endpoints 1500 (auths `1500-a`, `1500-b`), 1600 and default_outbound_endpoint; dialplan: *55 → Stasis(selfprov,assign,endpoint). */
const files: FilesOf = (folder, modules, ports) => {
  const phone = (name: string, auths: readonly string[]): string => `
[${name}]
type=endpoint
context=phones
disallow=all
allow=ulaw
direct_media=no
rewrite_contact=yes
rtp_symmetric=yes
auth=${auths.join(',')}
aors=${name}
[${name}]
type=aor
max_contacts=10
remove_existing=no
minimum_expiration=2
qualify_frequency=0
${auths.map((auth) => `[${auth}]\ntype=auth\nauth_type=userpass\nusername=${auth}\npassword=${SIP_PASSWORD}\n`).join('')}`;
  return {
    'asterisk.conf': directoriesOf(folder, modules),
    'modules.conf': `[modules]\nautoload=no\n${MODULES.trim()
      .split(/\s+/)
      .map((name) => `load=${name}.so`)
      .join('\n')}\n`,
    'logger.conf': `[logfiles]\nfull => notice,warning,error,verbose(3)\n`,
    'http.conf': `[general]\nenabled=yes\nbindaddr=127.0.0.1\nbindport=${ports.http}\n`,
    'ari.conf': `[general]\nenabled=yes\n[selfprov]\ntype=user\nread_only=no\npassword=${ARI_PASSWORD}\n`,
    'manager.conf': `[general]\nenabled=yes\nbindaddr=127.0.0.1\nport=${ports.ami}\n[selfprov]\nsecret=${AMI_PASSWORD}\nread=system,security\nwrite=system\nwritetimeout=1000\n`,
    'rtp.conf': `[general]\nrtpstart=${ports.rtp}\nrtpend=${ports.rtp + 39}\n`,
    'stasis.conf': '',
    'pjproject.conf': '',
    'features.conf': '',
    'pjsip_notify.conf': '',
    'cdr.conf': '[general]\nenable=no\n',
    'sorcery.conf': `[res_pjsip]\nendpoint=config,pjsip.conf,criteria=type=endpoint\nauth=config,pjsip.conf,criteria=type=auth\naor=config,pjsip.conf,criteria=type=aor\n`,
    'pjsip.conf': `[global]
type=global
default_outbound_endpoint=default_outbound_endpoint
[udp]
type=transport
protocol=udp
bind=127.0.0.1:${ports.sip}
[tcp]
type=transport
protocol=tcp
bind=127.0.0.1:${ports.sip}
[default_outbound_endpoint]
type=endpoint
context=nowhere
disallow=all
allow=ulaw
${phone('1500', ['1500-a', '1500-b'])}${phone('1600', ['1600'])}`,
    'extensions.conf': `[phones]
exten => *55,1,Stasis(selfprov,assign,\${CHANNEL(endpoint)})
 same => n,Hangup()
exten => *57,1,Stasis(selfprov,assign,someone-else)
 same => n,Hangup()
exten => *58,1,Stasis(selfprov,no-such-script,\${CHANNEL(endpoint)})
 same => n,Hangup()
[nowhere]
exten => _X.,1,Hangup()
`,
  };
};

/** Of asterisk.conf. */
export function directoriesOf(folder: string, modules: string): string {
  return `[directories](!)
astetcdir => ${folder}/etc
[directories]
astetcdir => ${folder}/etc
astmoddir => ${modules}
astvarlibdir => ${folder}/var
astdbdir => ${folder}/var
astkeydir => ${folder}/var
astdatadir => ${folder}/data
astagidir => ${folder}/var
astspooldir => ${folder}/spool
astrundir => ${folder}/run
astlogdir => ${folder}/log
astsbindir => ${folder}
[options]
nocolor = yes
`;
}

/** A real Asterisk of this test run's own: phones in pjsip.conf, no realtime. */
export function plainAsterisk(): Promise<PlainAsterisk> {
  return asteriskWith(files);
}

/** Numbers of a user and a group. */
export interface RunAs {
  readonly uid: number;
  readonly gid: number;
}

/** One with these files; `as`: not of the user that runs the tests. */
export async function asteriskWith(filesOf: FilesOf, as?: RunAs): Promise<PlainAsterisk> {
  const installation = await theAsterisk();
  const folder = await mkdtemp(join(tmpdir(), 'selfprov-asterisk-'));
  const [http = 0, ami = 0, sip = 0] = await freePorts(3);
  const [rtp = 0] = await freePorts(42);
  const ports = { http, ami, sip, rtp: rtp + (rtp % 2) };
  for (const name of ['etc', 'var', 'data/sounds', 'spool', 'run', 'log'])
    await mkdir(join(folder, name), { recursive: true });
  for (const name of ['documentation', 'rest-api', 'static-http'])
    await symlink(join(installation.data, name), join(folder, 'data', name));
  const voice = (await readdir(join(installation.data, 'sounds'))).find((name) => /^en(_|$)/.test(name));
  await symlink(join(installation.data, 'sounds', voice ?? 'en'), join(folder, 'data/sounds/en'));
  for (const [name, text] of Object.entries(filesOf(folder, installation.modules, ports)))
    await writeFile(join(folder, 'etc', name), text);
  const user: string[] = [];
  if (as !== undefined) {
    await promisify(execFile)('chown', ['-R', `${as.uid}:${as.gid}`, folder]);
    await promisify(execFile)('chmod', ['-R', 'o-rwx', join(folder, 'etc')]);
    await chmod(folder, 0o755);
    user.push('--reuid', String(as.uid), '--regid', String(as.gid), '--clear-groups');
  }

  const command = [...installation.command, '-C', join(folder, 'etc/asterisk.conf')];
  let child: ChildProcess | undefined;

  async function cli(asked: string): Promise<string> {
    const [program, ...before] = command;
    const console = spawn(program ?? '', [...before, '-rx', asked], { stdio: ['ignore', 'pipe', 'ignore'] });
    let output = '';
    console.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
    await once(console, 'close');
    return output;
  }

  async function start(): Promise<void> {
    // It ends with this process, however that happens.
    child = spawn('setpriv', [...user, '--pdeathsig', 'KILL', '--', ...command, '-f', '-n'], { stdio: 'ignore' });
    const booted = async (): Promise<boolean> => {
      if (child?.exitCode !== null) throw new Error(`Asterisk has ended: see ${folder}/log`);
      return (await cli('core waitfullybooted')).includes('fully booted');
    };
    await waitFor(booted, { what: `the start of Asterisk (see ${folder}/log)`, limit: 30_000, every: 50 });
  }

  async function stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, 'exit');
    child.kill(signal);
    await gone;
    await rm(join(folder, 'run/asterisk.ctl'), { force: true });
  }

  const pjsip = join(folder, 'etc/pjsip.conf');
  async function editAccounts(edit: (text: string) => string): Promise<void> {
    await writeFile(pjsip, edit(await readFile(pjsip, 'utf8')));
    await cli('module reload res_pjsip.so');
  }

  return {
    hideAccount: (name) => editAccounts((text) => text.replaceAll(`[${name}]`, `[hidden-${name}]`)),
    showAccount: (name) => editAccounts((text) => text.replaceAll(`[hidden-${name}]`, `[${name}]`)),
    ariUrl: `http://127.0.0.1:${ports.http}`,
    amiPort: ports.ami,
    sipPort: ports.sip,
    folder,
    pid: () => child?.pid ?? 0,
    start,
    stop,
    cli,
    kill: (signal) => void child?.kill(signal),
    freeze: async () => {
      child?.kill('SIGSTOP');
      const stopped = async (): Promise<boolean> => / T /.test(await readFile(`/proc/${child?.pid}/stat`, 'utf8'));
      await waitFor(stopped, { what: 'the freezing of Asterisk' });
    },
    close: async () => {
      await stop('SIGKILL');
      await rm(folder, { recursive: true, force: true });
    },
  };
}
