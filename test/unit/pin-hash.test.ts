import { expect } from 'chai';
import { execFileSync } from 'node:child_process';
import { createHmac, randomBytes, scryptSync } from 'node:crypto';
import { closeSync, mkdtempSync, openSync, rmSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { Secret } from '../../src/domain/secret.ts';
import { REFUSED_AFTER, secrets } from '../../src/secrets/secrets.ts';

const KEY = randomBytes(32);
const PIN = new Secret('940273');
const WRONG = new Secret('940274');
/** A hash takes a quarter of a second. */
const LONGEST_MS = 8000;

/** As they were made before hashes said what they cost. */
function hashOfBefore(pin: Secret, salt = randomBytes(16)): string {
  const keyed = createHmac('sha256', KEY).update(pin.reveal()).digest();
  const hash = scryptSync(keyed, salt, 32, { N: 2 ** 14, r: 8, p: 5, maxmem: 64 * 1024 * 1024 });
  return `scrypt$${salt.toString('base64url')}$${hash.toString('base64url')}`;
}

describe('The hash of a PIN', () => {
  const { hashPin, matchPin, renewedPin } = secrets(KEY, { now: () => 0, pause: () => Promise.resolve() });

  it('says what it costs, and is another one each time', async () => {
    const [one, other] = [await hashPin(PIN), await hashPin(PIN)];
    expect(one).to.match(/^\$scrypt\$ln=8,r=8,p=1\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/);
    expect(one).to.not.equal(other);
  });

  it('is told from those of other PINs, and of other sites', async () => {
    const hash = await hashPin(PIN);
    const elsewhere = secrets(randomBytes(32), { now: () => 0, pause: () => Promise.resolve() });
    expect(await matchPin(PIN, [hash])).to.equal(hash);
    expect(await matchPin(WRONG, [hash])).to.equal(undefined);
    expect(await elsewhere.matchPin(PIN, [hash])).to.equal(undefined);
  });

  it('is known of whichever of a user’s secrets it is', async () => {
    const [pin, password] = [await hashPin(PIN), await hashPin(new Secret('55518203'))];
    expect(await matchPin(new Secret('55518203'), [pin, password])).to.equal(password);
    expect(await matchPin(PIN, [password, pin])).to.equal(pin);
  });

  it('is still good as it was made before, and a new one takes its place', async () => {
    const salt = randomBytes(16);
    const [pin, password] = [hashOfBefore(PIN, salt), hashOfBefore(new Secret('55518203'), salt)];
    expect(await matchPin(PIN, [pin, password])).to.equal(pin);
    expect(await matchPin(new Secret('55518203'), [pin, password])).to.equal(password);
    expect(await matchPin(WRONG, [pin, password])).to.equal(undefined);
    const renewed = await renewedPin(PIN, pin);
    expect(await matchPin(PIN, [renewed ?? ''])).to.equal(renewed);
    expect(await renewedPin(PIN, renewed ?? '')).to.equal(undefined);
  });

  it('that is none has no PIN', async () => {
    for (const hash of ['', 'x', 'scrypt$$', 'scrypt$AAAA$', '$scrypt$ln=8,r=8,p=1$AAAA$'])
      expect(await matchPin(PIN, [hash]), hash).to.equal(undefined);
  });

  it('is refused as late whatever was wrong, and accepted at once', async () => {
    const stored = { todays: await hashPin(PIN), before: hashOfBefore(PIN) };
    const lasts = { todays: 1, before: 180 };
    const waited: number[] = [];
    for (const [pin, hashes, took] of [
      [WRONG, [stored.todays], lasts.todays],
      [WRONG, [stored.before], lasts.before],
      [WRONG, [stored.todays, stored.before], lasts.before],
      [PIN, [], lasts.todays],
    ] as const) {
      let asked = 0;
      const clock = { now: () => (asked++ === 0 ? 0 : took), pause: async (ms: number) => void waited.push(took + ms) };
      expect(await secrets(KEY, clock).matchPin(pin, hashes)).to.equal(undefined);
    }
    expect(waited).to.deep.equal(Array.from({ length: 4 }, () => REFUSED_AFTER));
    const never = { now: () => 0, pause: () => new Promise(() => undefined) };
    expect(await secrets(KEY, never).matchPin(PIN, [stored.before])).to.equal(stored.before);
  });

  it('needs none of the threads in which files are read: all of these are held up here', async () => {
    const before = hashOfBefore(PIN);
    const hash = await hashPin(PIN);
    await matchPin(PIN, [before]);
    const folder = mkdtempSync(join(tmpdir(), 'selfprov-test-'));
    const pipe = join(folder, 'pipe');
    execFileSync('mkfifo', [pipe]);
    // A pipe is not open for reading until somebody writes; so long each of these keeps one of the threads.
    const held = Array.from({ length: Number(process.env['UV_THREADPOOL_SIZE'] ?? 4) }, () => open(pipe, 'r'));
    try {
      const heldUp = pause(LONGEST_MS, 'held up', { ref: false });
      expect(await Promise.race([matchPin(PIN, [hash]), heldUp])).to.equal(hash);
      expect(await Promise.race([matchPin(PIN, [before]), heldUp])).to.equal(before);
    } finally {
      const writer = openSync(pipe, 'w');
      for (const reader of held) await (await reader).close();
      closeSync(writer);
      rmSync(folder, { recursive: true });
    }
  });
});
