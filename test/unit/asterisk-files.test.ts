import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { includeLines, renderAsteriskFiles } from '../../src/asterisk/configFiles/asteriskFiles.ts';
import type { AsteriskSettings } from '../../src/asterisk/configFiles/asteriskFiles.ts';
import { SelfprovError } from '../../src/domain/errors.ts';
import { numberPatterns } from '../../src/asterisk/configFiles/numberPatterns.ts';
import { Secret } from '../../src/domain/secret.ts';
import { contextsOf } from '../../src/domain/tenant.ts';
import { context } from '../support/dialplanContext.ts';
import { firstTenant } from '../support/tenantSettings.ts';

const templates = fileURLToPath(new URL('../../dialplan', import.meta.url));

const settings: AsteriskSettings = {
  apps: ['selfprov'],
  adopted: [],
  tenants: [firstTenant()],
  emergencyContext: 'emergency',
  calls: 40,
  callsPerAddress: 10,
  database: { file: '/var/lib/selfprov/selfprov.db' },
  httpAddress: '127.0.0.1',
  httpPort: 8088,
  ariUser: 'selfprov',
  ariPassword: new Secret('AriPassword12'),
  amiUser: 'selfprov',
  amiPassword: new Secret('AmiPassword12'),
  amiClients: ['127.0.0.1'],
  peers: null,
};

function rendered(file: string, change: Partial<AsteriskSettings> = {}): string {
  return renderAsteriskFiles(templates, { ...settings, ...change }).get(file) ?? '';
}

function refusal(change: Partial<AsteriskSettings>): SelfprovError {
  try {
    renderAsteriskFiles(templates, { ...settings, ...change });
  } catch (error) {
    if (error instanceof SelfprovError) return error;
    throw error;
  }
  throw new Error(`${JSON.stringify(change)} was accepted`);
}

describe('The files for Asterisk', () => {
  it('let a default line reach the extensions of selfprov and the emergency numbers and nothing else', () => {
    const text = rendered('extensions.conf');
    expect(context(text, 'selfprov-default-line')).to.deep.equal([
      'include => selfprov-features',
      'exten => 112,1,Gosub(selfprov-emergency,s,1)',
      ' same => n,Goto(emergency,112,1)',
      'exten => 911,1,Gosub(selfprov-emergency,s,1)',
      ' same => n,Goto(emergency,911,1)',
    ]);
    const dialled = context(text, 'selfprov-features').flatMap((line) => /^exten => ([^,]+),/.exec(line)?.[1] ?? []);
    expect(dialled).to.deep.equal([
      '*55',
      '*56',
      '*57',
      '_*55.',
      '_*56.',
      String.raw`_*55\;.`,
      String.raw`_*56\;.`,
      String.raw`_*57\;.`,
    ]);
  });

  it('let a default line reach no emergency number when none is configured', () => {
    const none = { tenants: [firstTenant({ emergencyNumbers: [] })] };
    expect(context(rendered('extensions.conf', none), 'selfprov-default-line')).to.have.length(1);
  });

  it('have contexts of its own for every tenant', () => {
    const acme = firstTenant({
      id: 'acme',
      contexts: contextsOf({ id: 'acme' }),
      extension: '77',
      emergencyNumbers: ['999'],
    });
    const text = rendered('extensions.conf', { tenants: [firstTenant(), acme] });
    expect(context(text, 'selfprov-acme-default-line').join()).to.contain('999').and.not.to.contain('112');
    expect(context(text, 'selfprov-acme-features').join()).to.contain('exten => 77,1');
    expect(context(text, 'selfprov-features').join()).to.contain('exten => *55,1');
  });

  it('let users of a tenant call back the phones that are nobody’s', () => {
    const numbers = firstTenant({ defaultNumbers: numberPatterns('8995', '9011') });
    const dialled = context(rendered('extensions.conf', { tenants: [numbers] }), 'selfprov-users');
    expect(dialled.join()).to.contain('exten => _900X,1,Gosub(selfprov-back,${EXTEN},1(30,,default))');
  });

  it('contain every setting and no placeholder', () => {
    const all = [...renderAsteriskFiles(templates, settings).values()].join('\n');
    const values = ['Stasis(selfprov,', '/var/lib/selfprov/selfprov.db', 'AriPassword12', 'AmiPassword12', '8088'];
    for (const value of values) expect(all).to.contain(value);
    expect(all).not.to.match(/@[A-Z_]+@/);
  });

  it('let a call go to the first process that is there', () => {
    const text = rendered('extensions.conf', { apps: ['selfprov-1', 'selfprov-2'] });
    expect(context(text, 'selfprov-stasis')).to.deep.equal([
      'exten => s,1,Stasis(selfprov-1,${ARG1},${ARG2},${ARG3})',
      ' same => n,GotoIf($["${STASISSTATUS}" != "FAILED"]?taken)',
      ' same => n,Stasis(selfprov-2,${ARG1},${ARG2},${ARG3})',
      ' same => n(taken),Return()',
    ]);
  });

  it('give the manager account no class that could originate calls or run commands', () => {
    const granted =
      rendered('manager.conf')
        .match(/^(?:read|write) = .*$/gm)
        ?.join(',') ?? '';
    expect(granted).to.match(/^read = .*write = /);
    expect(granted).not.to.match(/call|originate|command|config|agent|user|all|dialplan/);
  });

  it('are each included by one line, in the section where Asterisk looks', () => {
    const lines = includeLines('/etc/asterisk/selfprov', settings.database);
    expect(lines.map((line) => line.file)).to.have.members([...renderAsteriskFiles(templates, settings).keys()]);
    expect(lines).to.deep.include({
      file: 'sorcery.conf',
      section: 'res_pjsip',
      line: '#include "/etc/asterisk/selfprov/sorcery.conf"',
    });
  });

  describe('for a database that is PostgreSQL', () => {
    const url = (text: string): Partial<AsteriskSettings> => ({ database: { url: new Secret(text) } });
    const there = url('postgresql://asterisk:Sesame-0@db.example:5433/phones?sslmode=require');

    it('read the accounts over ODBC', () => {
      expect(rendered('extconfig.conf', there)).to.contain('ps_endpoints => odbc,selfprov,ps_endpoints');
      expect(rendered('res_odbc.conf', there)).to.match(/^username => asterisk\npassword => Sesame-0$/m);
      expect(rendered('odbc.ini', there)).to.match(
        /^Servername = db\.example\nPort = 5433\nDatabase = phones\n.*\npqopt = .*tcp_user_timeout=3000 keepalives_idle=1 keepalives_interval=1 sslmode=require$/m,
      );
      expect(rendered('res_config_sqlite3.conf', there)).to.equal('');
    });

    it('let phones register with what was read before while it is away: the cache is asked last', () => {
      const places = rendered('sorcery.conf', there)
        .split('\n')
        .filter((line) => /^endpoint\b/.test(line));
      expect(places.map((line) => line.split(' = ')[1])).to.deep.equal([
        'config,pjsip.conf,criteria=type=endpoint',
        'realtime,ps_endpoints',
        'memory_cache,object_lifetime_maximum=900',
      ]);
      expect(rendered('sorcery.conf')).not.to.contain('memory_cache');
    });

    it('are each included, but for the one that has to be copied', () => {
      const { database = settings.database } = there;
      const files = includeLines('/etc/asterisk/selfprov', database).map(({ file }) => file);
      const rest = [...renderAsteriskFiles(templates, { ...settings, ...there }).keys()].filter(
        (file) => !files.includes(file),
      );
      expect(rest).to.deep.equal(['odbc.ini']);
    });

    it('are not written with a password that would end its line, nor is it shown', () => {
      const { message } = refusal(url('postgresql://asterisk:open%3Bsesame%0A@db.example/phones'));
      expect(message).to.contain('password of the database').and.not.to.contain('sesame');
      expect(refusal(url('postgresql://a%0Ab:x@db.example/phones')).message).to.contain('user of the database');
      expect(refusal(url('postgresql://a:x@db.example/phones?sslmode=a%20b%3D')).message).to.contain('sslmode');
    });
  });

  describe('for one of several Asterisks', () => {
    const peers = { name: 'a', others: [{ name: 'b', address: '192.0.2.2:5060' }] };

    it('look at the others for phones that are not here, and never for what those ask for', () => {
      const text = rendered('extensions.conf', { peers });
      expect(context(text, 'selfprov-ring')).to.include.members([
        ' same => n,Set(LOCAL(phones)=&PJSIP/${aor}@selfprov-peer-b)',
        ' same => n,ExecIf($["${from}" = "peer"]?Set(LOCAL(phones)=))',
      ]);
      expect(context(text, 'selfprov-here').length).to.be.greaterThan(0);
      expect(rendered('extensions.conf')).not.to.contain('peer');
    });

    it('have both ends of each pair prove who they are by one password, which is not the one of AMI', () => {
      const passwords = (name: string, other: string): string[] =>
        [
          ...rendered('pjsip.conf', {
            peers: { name, others: [{ name: other, address: '192.0.2.2:5060' }] },
          }).matchAll(/^username = (\S+)\npassword = (\S+)$/gm),
        ].map(([, user, password]) => `${user} ${password}`);
      expect(passwords('a', 'b').toSorted()).to.deep.equal(passwords('b', 'a').toSorted());
      expect(passwords('a', 'b').join(' '))
        .to.match(/^selfprov-peer-b [0-9a-f]{40} /)
        .and.not.contain('AmiPassword');
    });

    it('are not written for one whose name or address would mean something else', () => {
      expect(refusal({ peers: { ...peers, name: 'a]' } }).message).to.contain('name of an Asterisk');
      const others = [{ name: 'b', address: '192.0.2.2\nx=y' }];
      expect(refusal({ peers: { ...peers, others } }).message).to.contain('address of an Asterisk');
    });
  });

  const mistakes: readonly (readonly [string, Partial<AsteriskSettings>])[] = [
    ['an extension that ends its line', { tenants: [firstTenant({ extension: '*55\nexten => 1,1,Dial(PJSIP/1)' })] }],
    ['an extension that is a pattern', { tenants: [firstTenant({ extension: '_X.' })] }],
    ['an extension with a comma', { tenants: [firstTenant({ extension: '*55,1' })] }],
    ['an emergency number with a comment', { tenants: [firstTenant({ emergencyNumbers: ['112;'] })] }],
    ['an empty emergency number', { tenants: [firstTenant({ emergencyNumbers: [''] })] }],
    ['an emergency number that is the extension', { tenants: [firstTenant({ emergencyNumbers: ['*55'] })] }],
    ['one extension for both', { tenants: [firstTenant({ releaseExtension: '*55' })] }],
    ['an emergency context that leads back to the default line', { emergencyContext: 'selfprov-default-line' }],
    ['an emergency context with an argument', { emergencyContext: 'users,1500' }],
    ['an application name with an argument', { apps: ['selfprov,x'] }],
    ['a relative database file', { database: { file: 'selfprov.db' } }],
    ['a database file with a comment', { database: { file: '/var/lib/self;prov.db' } }],
    ['a database file of two lines', { database: { file: '/var/lib/selfprov.db\nbatch => 1' } }],
    ['the account of the general section', { amiUser: 'general' }],
    ['an account that closes its section', { ariUser: 'a]\n[b' }],
    ['an address that is a name', { httpAddress: 'localhost' }],
    ['a port that is too high', { httpPort: 65536 }],
    ['a port that is no number', { httpPort: Number.NaN }],
    ['no calls at all', { calls: 0 }],
    ['half a call from an address', { callsPerAddress: 0.5 }],
    ['a short password', { ariPassword: new Secret('short') }],
    ['a password with a comment', { amiPassword: new Secret('AmiPassword;12') }],
  ];
  for (const [name, change] of mistakes) {
    it(`are not written with ${name}`, () => {
      expect(refusal(change).code).to.equal('invalid');
    });
  }

  it('are refused without showing the password', () => {
    expect(refusal({ amiPassword: new Secret('do not show') }).message).not.to.contain('do not show');
  });
});

describe('The patterns of a range of numbers', () => {
  /** What the dialplan takes a pattern for. */
  function fits(pattern: string, number: string): boolean {
    const plain = pattern.startsWith('_') ? pattern.slice(1).replaceAll('X', '\\d') : pattern;
    return new RegExp(`^${plain}$`).test(number);
  }

  for (const [from, to] of [
    ['9000', '9099'],
    ['8995', '9011'],
    ['0', '9'],
    ['7', '7'],
    ['100', '999'],
    ['0123', '4567'],
  ] as const) {
    it(`fit every number from ${from} to ${to} once, and no other`, () => {
      const patterns = numberPatterns(from, to);
      for (let number = 0; number < 10 ** from.length; number++) {
        const text = String(number).padStart(from.length, '0');
        const wanted = text >= from && text <= to ? 1 : 0;
        expect(patterns.filter((pattern) => fits(pattern, text)).length, text).to.equal(wanted);
      }
    });
  }
});
