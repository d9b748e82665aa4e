import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { othersWith } from '../../src/asterisk/private/otherRtp.ts';

describe('Ports for sound', () => {
  it('that another Asterisk of this machine has are known, and whose they are', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'selfprov-rtp-'));
    await writeFile(join(folder, 'rtp.conf'), '[general]\nrtpstart = 64000\nrtpend = 64010\n');
    // A process that is called as an Asterisk is, and does nothing.
    const waits = ['-e', 'process.stdin.resume()', '--', '-C', join(folder, 'asterisk.conf')];
    const other = spawn(process.execPath, waits, { argv0: '/usr/sbin/asterisk', stdio: ['pipe', 'ignore', 'ignore'] });
    const ended = once(other, 'exit');
    try {
      await once(other, 'spawn');
      const said = await othersWith({ rtpFirst: 64_010, rtpLast: 64_020 }, '/elsewhere');
      expect(said).to.have.length(1);
      expect(said[0]).to.contain(`process ${other.pid}, ${folder}/rtp.conf: 64000-64010`);
      expect(await othersWith({ rtpFirst: 64_011, rtpLast: 64_020 }, '/elsewhere')).to.deep.equal([]);
      expect(await othersWith({ rtpFirst: 64_000, rtpLast: 64_010 }, folder)).to.deep.equal([]);
    } finally {
      other.stdin.end();
      await ended;
      await rm(folder, { recursive: true });
    }
  });
});
