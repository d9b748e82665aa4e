import { execFile } from 'node:child_process';
import { cp, appendFile, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { packageRoot } from '../../src/packageRoot.ts';
import { cleanRoot, type CleanRoot } from '../support/cleanRoot.ts';
import { freePorts } from '../support/freePorts.ts';
import { waitFor } from '../support/wait.ts';

const run = promisify(execFile);
/** Of Debian 13. */
const NODE = '20';
const why =
  process.getuid?.() !== 0
    ? ': only root can make a clean root'
    : process.versions.node.split('.')[0] !== NODE
      ? `: the clean root has Node.js ${NODE}, and a package made here is for ${process.version}`
      : '';

describe(`The Debian package, in a clean Debian${why}`, function () {
  this.timeout(300_000);
  let work: string;
  let packages: Record<'first' | 'next', string>;
  let root: CleanRoot;
  let untouched: string;
  let ports: readonly number[];

  /** Every file, but for what Debian itself notes of what was installed. */
  const files = (): Promise<string> =>
    root.sh(
      `find / -xdev \\( -path /proc -o -path /dev -o -path /run -o -path /tmp -o -path /var/cache -o -path /var/lib/dpkg -o -path /var/lib/apt ` +
        `-o -path /var/log/apt -o -path /var/log/dpkg.log -o -path '/etc/*-' \\) -prune -o -printf '%p %u:%g %m\\n' | sort`,
    );
  /** The ExecStart of a unit, under the user that it names. */
  async function service(name: string): Promise<ReturnType<CleanRoot['start']>> {
    const unit = await root.sh(`cat /usr/lib/systemd/system/${name}.service`);
    const [, user = ''] = /^User=(.*)$/m.exec(unit) ?? [];
    const [, command = ''] = /^ExecStart=(.*)$/m.exec(unit) ?? [];
    return root.start(
      `echo pid $$; exec setpriv --reuid=${user} --regid=${user} --init-groups --no-new-privs -- ${command}`,
    );
  }
  async function stop({ process: child, said }: ReturnType<CleanRoot['start']>): Promise<void> {
    await root.sh(`kill ${/^pid (\d+)$/m.exec(said())?.[1]}`);
    await waitFor(() => child.exitCode !== null, { what: () => `its end:\n${said()}`, limit: 20_000 });
    expect(child.exitCode).to.equal(0);
  }
  const install = async (file: string): Promise<string> => {
    await cp(file, join(root.folder, 'tmp/selfprov.deb'));
    return root.sh('apt-get install -y --no-install-recommends /tmp/selfprov.deb');
  };

  before(async function () {
    if (why !== '') return this.skip();
    work = await mkdtemp(join(tmpdir(), 'selfprov-package-'));
    const { stdout } = await run('sh', [join(packageRoot, 'scripts/package.sh')]);
    const first = join(packageRoot, stdout.trim().split('\n').at(-1) ?? '');
    // The same with a higher number, as the next version would be.
    const [next, unpacked] = [join(work, 'next.deb'), join(work, 'unpacked')];
    await run('dpkg-deb', ['-R', first, unpacked]);
    const control = join(unpacked, 'DEBIAN/control');
    await writeFile(control, (await readFile(control, 'utf8')).replace(/^Version: .*$/m, 'Version: 99.0'));
    await run('dpkg-deb', ['--root-owner-group', '-Znone', '--build', unpacked, next]);
    packages = { first, next };
    root = await cleanRoot();
    untouched = await files();
    ports = await freePorts(46);
  });
  after(async () => {
    if (why !== '') return;
    await root.close();
    await rm(work, { recursive: true, force: true });
  });

  it('is installed by apt with what Debian has, and starts nothing before one has chosen', async () => {
    const said = await install(packages.first);
    expect(said)
      .to.contain('nothing of it runs yet')
      .and.to.contain('systemctl enable --now selfprov-asterisk selfprov');
    expect(await root.sh('selfprov --help')).to.contain('Usage: selfprov');
    expect(await root.sh('stat -c "%U:%G %a" /etc/selfprov/selfprov.env /var/lib/selfprov /var/log/selfprov')).to.equal(
      'root:selfprov 640\nselfprov:selfprov 2750\nselfprov:selfprov 2750\n',
    );
    expect(await root.sh('ls /proc/*/exe -l 2>/dev/null | grep -c node || true')).to.equal('0\n');
  });

  it('serves phones with its two units, keeps users over an upgrade, and the Asterisk goes on meanwhile', async () => {
    const [http, admin, sip, , ari, ami, rtp = 0] = ports;
    await appendFile(
      join(root.folder, 'etc/selfprov/selfprov.env'),
      `SELFPROV_HOST=127.0.0.1
SELFPROV_PORT=${http}
SELFPROV_ADMIN_PORT=${admin}
SELFPROV_SIP_PORT=${sip}
SELFPROV_ARI_URL=http://127.0.0.1:${ari}
SELFPROV_AMI_PORT=${ami}
SELFPROV_CALLS=5
SELFPROV_RTP_PORTS=${rtp}-${rtp + 39}
`,
    );
    const hide = await root.show(join(packageRoot, '.asterisk'), 'var/lib/selfprov-asterisk');
    const asterisk = await service('selfprov-asterisk');
    await waitFor(() => asterisk.said().includes('Asterisk runs'), { what: asterisk.said, limit: 30_000 });
    let selfprov = await service('selfprov');
    const isWell = (): Promise<unknown> =>
      waitFor(() => root.sh(`curl -sf http://127.0.0.1:${admin}/healthz`).catch(() => false), {
        what: () => selfprov.said(),
        limit: 20_000,
        every: 200,
      });
    await isWell();
    await root.sh('selfprov user add 1500 --name "Ann Lee"');
    const asPhone = `curl -sf -A 'Yealink SIP-T46S 66.86.0.15' http://127.0.0.1:${http}/001565aabbcc.cfg`;
    expect(await root.sh(asPhone)).to.contain('account.1.enable = 1');

    expect(await install(packages.next))
      .to.contain('(99.0)')
      .and.not.to.contain('nothing of it runs yet');
    await stop(selfprov);
    selfprov = await service('selfprov');
    await isWell();
    expect(asterisk.process.exitCode).to.equal(null);
    expect(await root.sh('selfprov user list')).to.contain('Ann Lee');
    expect(await root.sh('selfprov device list')).to.contain('00:15:65:aa:bb:cc');
    expect(await root.sh('cat /etc/selfprov/selfprov.env')).to.contain(`SELFPROV_PORT=${http}`);
    expect(await readFile(join(root.folder, 'var/log/selfprov/selfprov.log'), 'utf8')).to.contain('"step":"enrolled"');
    expect(await readdir(join(root.folder, 'var/log/selfprov/asterisk'))).to.include('security.log');

    for (const one of [selfprov, asterisk]) await stop(one);
    await hide();
  });

  it('leaves users and phones when it is removed, and nothing at all when it is purged', async () => {
    await root.sh('apt-get remove -y selfprov');
    expect(await root.sh('ls /var/lib/selfprov')).to.contain('selfprov.sqlite');
    await root.sh('apt-get purge -y selfprov');
    const [before, after] = [untouched, await files()].map((text) => text.split('\n'));
    expect(after?.filter((line) => !before?.includes(line))).to.deep.equal([]);
    expect(before?.filter((line) => !after?.includes(line))).to.deep.equal([]);
    expect(await root.sh('grep -c selfprov /etc/passwd /etc/group || true')).to.equal('/etc/passwd:0\n/etc/group:0\n');
  });

  it('has no error that lintian knows', async () => {
    const { stdout } = await run('lintian', ['--tag-display-limit', '0', '--fail-on', 'none', packages.first]);
    expect(stdout.split('\n').filter((line) => line.startsWith('E:'))).to.deep.equal([]);
  });
});
