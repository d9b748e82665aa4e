import { expect } from 'chai';
import { eventsIn } from '../../src/page/shownEvent.ts';

describe('What happened, on the page', () => {
  const at = '2026-11-27T08:00:00.000Z';
  const about = { id: '1', at, mac: null, userId: null, tenantId: 'default', actor: 'phone', address: null };
  const detail = { kind: 'assign', after: 0.2, certain: true, until: 1795770000000, failure: 'not_fetched' };
  const said = (language: string, details: typeof detail | Readonly<Record<string, string>>) =>
    eventsIn({ language })({ ...about, step: 'failed', detail: details });

  it('is said in words, with seconds and moments as people read them', () => {
    expect(said('en', detail)).to.deep.include({
      step: 'did not come back',
      details: [
        { label: 'what', text: 'given to a user', time: null },
        { label: 'after', text: '0.2 s', time: null },
        { label: 'proven', text: 'yes', time: null },
        { label: 'until', text: '', time: '2026-11-27T09:00:00.000Z' },
        { label: 'why', text: 'it has not fetched its file', time: null },
      ],
    });
    const { step, details } = said('de', detail);
    expect(step).to.equal('nicht zurückgekommen');
    expect(details.map(({ text }) => text)).to.include.members(['einem Benutzer gegeben', '0,2 s', 'ja']);
  });

  it('is as it was written where there is no word for it, with what was and what is', () => {
    const { details, changes } = said('en', { kind: 'constructor.name', sha256: '00ff', codecs: 'alaw → ulaw' });
    expect(details.map(({ label, text }) => `${label} ${text}`)).to.deep.equal([
      'what constructor.name',
      'sha256 00ff',
    ]);
    expect(changes).to.deep.equal([{ label: 'codecs', was: 'alaw', is: 'ulaw' }]);
  });
});
