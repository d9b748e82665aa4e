import { expect } from 'chai';
import { join } from 'node:path';
import { packageRoot } from '../../src/packageRoot.ts';
import { DHCP_SERVERS, dhcpSnippet } from '../../src/phones/dhcp/dhcp.ts';
import { dhcpRules } from '../../src/phones/dhcp/rules.ts';
import { loadFamilies } from '../../src/phones/catalog/loadFamilies.ts';

const URL = 'http://192.0.2.10:8480/';
const made = loadFamilies([join(packageRoot, 'test/fixtures/dhcp')]);

describe('The configuration of a DHCP server', () => {
  it('goes by what a phone says of itself before its MAC, by the longest of it, and for phones with files only', () => {
    const rules = dhcpRules(made, URL);
    expect(rules.map(({ id, unless }) => [id, unless])).to.deep.equal([
      ['longer', []],
      ['short', ['longer']],
      ['inner', []],
      ['outer', ['short', 'inner']],
    ]);
  });

  it('fills in the URL, the host and the address, and leaves the phone’s own placeholders', () => {
    const outer = dhcpRules(made, 'http://pbx.example:8480/').find(({ id }) => id === 'outer');
    expect(outer?.options).to.deep.equal([
      { code: 66, type: 'text', value: 'http://pbx.example:8480/$PSN, it\'s "all".cfg' },
      { code: 160, type: 'text', value: 'pbx.example:8480/' },
      {
        code: 43,
        inside: [
          { code: 2, type: 'text', value: 'pbx.example' },
          { code: 3, type: 'text', value: 'yes' },
        ],
      },
    ]);
    expect(outer?.withoutAddress).to.deep.equal([150]);
    expect(dhcpSnippet(made, 'isc', 'http://pbx.example:8480/')).to.contain('# Option 150 is left out');
  });

  it('is for some families alone where only they are wanted, and tells them apart from the others all the same', () => {
    const rules = dhcpRules(made, URL, ['short']);
    expect(rules.map(({ id, options }) => [id, options.length > 0])).to.deep.equal([
      ['longer', false],
      ['short', true],
    ]);
    const written = dhcpSnippet(made, 'dnsmasq', URL, ['short']);
    expect(written)
      .to.contain('dhcp-vendorclass=set:selfprov-longer')
      .and.not.contain('dhcp-option=tag:selfprov-longer');
    expect(written).to.contain('dhcp-option=tag:selfprov-short,tag:!selfprov-longer');
  });

  it('goes by whole bytes of a MAC where only phones that say what they are share them: a line instead of sixteen', () => {
    const shipped = loadFamilies([join(packageRoot, 'templates')]);
    const macs = dhcpRules(shipped, URL).flatMap(({ macPrefixes }) => macPrefixes);
    expect(macs.filter((prefix) => prefix.length % 2 === 1)).to.deep.equal([]);
    for (const server of DHCP_SERVERS)
      expect(dhcpSnippet(shipped, server, URL).split('\n').length, server).to.be.lessThan(300);
    // Where another family goes by its MAC too, it is as close as it was.
    expect(dhcpSnippet(made, 'dnsmasq', URL)).to.contain('selfprov-inner,00:a1:b2:c0:*:*');
  });

  it('writes each option as the server wants it', () => {
    const written = DHCP_SERVERS.map((server) => dhcpSnippet(made, server, URL)).join('\n');
    for (const line of [
      'dhcp-vendorclass=set:selfprov-longer,"Long, phone"',
      'dhcp-option=tag:selfprov-longer,242,"HTTPSRVR=192.0.2.10,HTTPPORT=8480"',
      'dhcp-mac=set:selfprov-outer,00:a1:b2:*:*:*',
      'dhcp-mac=set:selfprov-inner,00:a1:b2:cf:*:*',
      'dhcp-option=tag:selfprov-outer,tag:!selfprov-short,tag:!selfprov-inner,66,"http://192.0.2.10:8480/$PSN, it\'s \\"all\\".cfg"',
      'dhcp-option=tag:selfprov-outer,tag:!selfprov-short,tag:!selfprov-inner,150,192.0.2.10',
      'dhcp-option=tag:selfprov-outer,tag:!selfprov-short,tag:!selfprov-inner,vendor:,2,"192.0.2.10"',
      `"test": "(substring(hexstring(pkt4.mac, ''), 0, 7) == '00a1b2c')"`,
      `"test": "not member('selfprov-longer') and (substring(option[60].hex, 0, 5) == 'phone')"`,
      'option selfprov-160 code 160 = string;',
      'option selfprov-150 c0:00:02:0a;',
      'option vendor-encapsulated-options 02:0a:31:39:32:2e:30:2e:32:2e:31:30:03:03:79:65:73;',
      '/ip dhcp-server matcher add name=selfprov-outer-1 code=61 matching-type=substring value=0x0100a1b2 option-set=selfprov-outer',
      `/ip dhcp-server option add name=selfprov-short-66 code=66 value="s'http://192.0.2.10:8480/\\$mac'"`,
      '/ip dhcp-server option add name=selfprov-outer-150 code=150 value=0xc000020a',
    ]) {
      expect(written).to.contain(line);
    }
  });
});
