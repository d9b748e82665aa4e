import { expect } from 'chai';
import { networkInterfaces } from 'node:os';
import { targetGuard, type Permission } from '../../src/virtualPhone/targets.ts';

const NAMES: Readonly<Record<string, readonly string[]>> = {
  'pbx.local': ['10.1.2.3'],
  'pbx.example.com': ['203.0.113.7'],
  'both.example.com': ['192.168.1.5', '2001:db8::7'],
  'six.local': ['fd00::7'],
};
const none: Permission = { isPublic: false, run: [] };

/** What becomes of a phone that is to ask there. */
async function asked(host: string, permission = none): Promise<string> {
  const guard = targetGuard(permission, (name) => Promise.resolve(NAMES[name] ?? [name]));
  return guard(host).then(
    () => 'asked',
    (error: Error) => error.message,
  );
}

describe('Where a phone without hardware may ask', () => {
  it('is this machine and private networks, by the addresses that a name has', async () => {
    for (const host of ['127.0.0.1', '[::1]', '192.168.0.9', '172.31.0.1', '169.254.1.1', 'pbx.local', 'six.local'])
      expect(await asked(host), host).to.equal('asked');
  });

  it('is every address of this machine', async () => {
    for (const { address } of Object.values(networkInterfaces()).flatMap((all) => all ?? []))
      expect(await asked(address), address).to.equal('asked');
  });

  it('is no public address, in any spelling, also when it is one of several', async () => {
    for (const host of ['203.0.113.7', 'pbx.example.com', '[2001:db8::7]', '::ffff:203.0.113.7', '172.32.0.1'])
      expect(await asked(host), host).to.include('neither this machine nor in a private network');
    expect(await asked('both.example.com')).to.equal(
      'both.example.com is 2001:db8::7, which is neither this machine nor in a private network: no phone is played there, ' +
        'unless you say twice that you may: --public-target --i-run both.example.com',
    );
  });

  it('is one when that was said twice, of this very host', async () => {
    const refused: readonly Permission[] = [
      { isPublic: true, run: [] },
      { isPublic: false, run: ['pbx.example.com'] },
      { isPublic: true, run: ['other.example.com'] },
    ];
    for (const permission of refused)
      expect(await asked('pbx.example.com', permission), JSON.stringify(permission)).to.include('neither');
    expect(await asked('pbx.example.com', { isPublic: true, run: ['pbx.example.com'] })).to.equal('asked');
  });
});
