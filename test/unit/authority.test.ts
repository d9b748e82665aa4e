import { expect } from 'chai';
import type { Family } from '../../src/phones/family/family.ts';
import type { LineSettings } from '../../src/domain/lineSettings.ts';
import { lineView } from '../../src/phones/view/view.ts';
import * as facts from '../support/phoneFacts.ts';
import { readBack } from '../support/readers/ownFiles.ts';
import { readers } from '../../src/virtualPhone/readers/readers.ts';
import type { PhoneReading } from '../../src/virtualPhone/readers/reading.ts';

/** Whom the phone of a user believes after it has read its files. */
function believed(
  family: Family,
  { transport, authority }: { readonly transport: LineSettings['transport']; readonly authority: string | null },
): Partial<PhoneReading> {
  const reader = readers[family.id];
  if (reader === undefined) throw new Error(`no reader for ${family.id}`);
  const lines = [
    { line: facts.userLine, tenant: facts.tenant, user: facts.user, settings: { ...facts.lineSettings, transport } },
  ];
  const server = { ...facts.server, authority };
  const { authority: found, authorityUrl } = readBack(
    family,
    reader,
    lineView(facts.shippedFamilies(), facts.lineFacts(facts.phone(family.id), { lines, server })),
  );
  return {
    ...(found === undefined ? {} : { authority: found }),
    ...(authorityUrl === undefined ? {} : { authorityUrl }),
  };
}

describe('The authority for the SIP server’s certificate', () => {
  const { authority } = facts;
  const served = facts.shippedFamilies().all.filter(({ files }) => files.size > 0);
  const able = served.filter(({ data }) => (data.abilities.authority ?? 'no') !== 'no');

  for (const family of able) {
    it(`is named to ${family.id}, as something that the phone can get or has`, () => {
      const found = believed(family, { transport: 'tls', authority });
      const places = [`${facts.server.openUrl}ca.crt`, `${facts.server.openUrl}ca.der`];
      expect(
        found.authority === authority || places.includes(found.authorityUrl ?? ''),
        JSON.stringify(found),
      ).to.equal(true);
    });

    it(`is not named to ${family.id} when no line goes by TLS, or its maker knows the authority`, () => {
      expect(believed(family, { transport: 'udp', authority })).to.deep.equal({});
      expect(believed(family, { transport: 'tls', authority: null })).to.deep.equal({});
    });
  }

  it('is named to the phones that most sites have', () => {
    expect(able.map(({ id }) => id)).to.include.members(['yealink', 'snom', 'poly', 'mpp']);
  });
});
