import type { Device, Line } from '../../domain/device.ts';
import type { Store } from '../../domain/ports.ts';
import { DEFAULT_TENANT, policyOf, tenantAt } from '../../domain/tenant.ts';
import type { Change, Common, Snapshot, Snapshots } from '../../domain/snapshot.ts';
import type { Instant } from '../../domain/time.ts';
import type { Families, FileAsked } from '../../phones/family/family.ts';
import { recognise, type Recognised } from '../../phones/recognise/recognise.ts';
import { AUTHORITY_FILES } from '../../phones/view/settings.ts';
import { admitQuietly, quietUntil, type Admitted } from '../files/admit.ts';
import type { Answer } from '../files/answerRequest.ts';
import { givenDigest, isItsOwn, type Given } from '../files/given.ts';
import { REDIRECT_PATH } from '../files/redirectRequest.ts';
import { familyOf, type FileRequest, type ServeNeeds } from '../files/serveFile.ts';
import { tagOf } from '../files/tagOf.ts';
import { byteCache } from './byteCache.ts';
import { commonAtHand } from './commonAtHand.ts';
import { knownDevices, type Known } from './knownDevices.ts';
import { rendering, type FileOwner, type Rendering } from './rendering.ts';
import { servedLater } from './servedLater.ts';

/** A file that is ready to be sent; nothing follows from its delivery. */
export type Ready = Extract<Answer, { readonly kind: 'rendered' }> & {
  readonly tag: string;
};

export interface FastPath {
  /** At once, or `undefined`: then it is for `answerRequest` to say, after `settled`. */
  answer(request: FileRequest): Ready | undefined;
  /** The same where it has to be read first, which takes waiting; never rejects. */
  answerSoon(request: FileRequest): Promise<Ready | undefined>;
  /** For `ServeNeeds.fill`. */
  fill(file: FileAsked, device: Device, lines: readonly Line[]): ReturnType<NonNullable<ServeNeeds['fill']>>;
  /** For `ServeNeeds.noteGiven`. */
  noteGiven(given: Given): void;
  /** The same store, which has at hand what phones have in common. */
  atHand(store: Store): Store;
  /** Resolves when nothing is waiting any more to be written about the device that asks. */
  settled(request: FileRequest): Promise<void>;
  /** Resolves when all that was noted until now is written; rejects when it cannot be. */
  written(): Promise<void>;
  close(): Promise<void>;
}

type Needs = Omit<ServeNeeds, 'secrets' | 'times' | 'fill' | 'noteGiven'> & {
  readonly snapshots: Snapshots;
  /** Hears what could not be written behind. */
  readonly failed: (error: unknown) => void;
  /** Milliseconds between two looks for what other processes have written. */
  readonly lookEvery?: number;
  /** For files that are kept, in bytes. */
  readonly cacheBytes?: number;
};

const MOST_BYTES = 32 * 1024 * 1024;
/** For requests whose meaning is remembered, and for those whose answer is. */
const MOST_ASKED = 2 * 1024 * 1024;
/**
 * The same question over the same facts: until then time changes nothing about it. Facts and file are held where their bytes are
 * counted (`known`), and let go of there.
 */
interface Asked {
  readonly snapshot: WeakRef<Snapshot>;
  readonly until: Instant;
  readonly answer: WeakRef<Ready>;
}

const AUTHORITY_PATHS: ReadonlySet<string> = new Set(AUTHORITY_FILES.map((file) => `/${file}`));

/** Nobody can tell so many milliseconds from a request that was on its way already. */
const LOOK_EVERY_MS = 5;

/**
 * Answers, without waiting and without writing, what most requests ask for: a file of a known phone, or one that is the same for
 * everybody. All else goes the slow way.
 *
 * It gives what the slow way would give, because
 * - who gets what is decided for each request anew, by the same function, over a snapshot that is one row of the database's
 *   history. Only what follows from nothing but that and the request is answered here: no proof that holds once, no window, no
 *   refusal, nothing while a hand-over or a sync waits for the fetch, nothing that a serial number could be tried by;
 * - the same question is remembered with its answer: only time could change that, and not before `quietUntil`;
 * - a snapshot, and the files made of it, are forgotten before whoever has changed something is told that it is changed; what
 *   other processes write is looked for every few milliseconds. Looking, reading and keeping happen in one turn of the event
 *   loop, so nothing comes between them;
 * - a file that is late by those milliseconds holds a credential whose account went with the change: it registers nowhere;
 * - a file is filled in where rendering would give the same bytes (`cutStencil`).
 */
export function fastPath(needs: Needs): FastPath {
  const { snapshots, server, store, now, lookEvery = LOOK_EVERY_MS, cacheBytes = MOST_BYTES } = needs;
  const known = knownDevices<Ready>(snapshots, cacheBytes);
  const openFiles = byteCache<Ready>(cacheBytes / 8);
  const meant = byteCache<Recognised>(MOST_ASKED);
  const askedBefore = byteCache<Asked>(cacheBytes === 0 ? 0 : MOST_ASKED);
  const later = servedLater(store, needs.failed);
  let families: Families | undefined;
  let common: Common | undefined;
  let files: Rendering | undefined;
  let lookedAt = -Infinity;

  function forgetAll(): void {
    known.clear();
    openFiles.clear();
    askedBefore.clear();
    common = undefined;
    files = undefined;
  }

  snapshots.subscribe((change: Change) => {
    if (change === 'all') forgetAll();
    else known.forget(change);
  });

  /** What is kept is as things are now. */
  function keepUp(): Families {
    const current = performance.now();
    if (current - lookedAt >= lookEvery) {
      lookedAt = current;
      snapshots.look();
    }
    const loaded = needs.families();
    if (loaded === families) return loaded;
    families = loaded;
    meant.clear();
    forgetAll();
    return loaded;
  }

  const inCommon = (): Common => (common ??= snapshots.common());

  const renderingOf = (all: Families): Rendering => (files ??= rendering(all, server, inCommon()));

  function render(file: FileAsked, owner: FileOwner, all: Families): Ready {
    const began = performance.now();
    const made = renderingOf(all).render(file, owner);
    needs.rendered?.(performance.now() - began);
    const { mac } = owner.phone;
    const about = { mac, family: file.familyId, private: file.role === 'device' };
    return { kind: 'rendered', ...about, ...made, tag: tagOf(made.body) };
  }

  function recognised(all: Families, request: FileRequest, family?: string): Recognised {
    const key = `${request.path}\n${request.userAgent ?? '\0'}\n${family ?? ''}`;
    const found = meant.get(key);
    if (found !== undefined) return found;
    const asked = recognise(all, family === undefined ? request : { ...request, family });
    // The others are as many as there are phones.
    if (asked.file?.role !== 'device') meant.put(key, asked, 400 + 2 * key.length);
    return asked;
  }

  /** Boot and common files: the same for everybody who comes through the same door. */
  function openFile(all: Families, request: FileRequest, asked: Recognised, file: FileAsked): Ready {
    const { host = null, path, door = path, claim } = request;
    const tenants = [...inCommon().tenants.values()];
    const tenantId = tenantAt(tenants, { host, path: door, address: claim.address })?.id ?? DEFAULT_TENANT;
    const { mac, model, version: firmware } = asked;
    const key = [file.familyId, file.name, tenantId, mac, model, firmware].join('\n');
    const kept = openFiles.get(key);
    if (kept !== undefined) return kept;
    const phone = { family: file.familyId, model, firmware, mac };
    const settings = { tenantId, family: file.familyId };
    const made = render(file, { phone, settings, lines: [], snapshot: null, says: '' }, all);
    openFiles.put(key, made, made.body.length + 2 * key.length);
    return made;
  }

  function ownFile(
    all: Families,
    request: FileRequest,
    one: Known<Ready>,
    asked: Recognised,
    file: FileAsked,
  ): Ready | undefined {
    const { snapshot } = one;
    const { device, lines } = snapshot;
    const { claim } = request;
    const tenant = inCommon().tenants.get(device.tenantId);
    if (tenant === undefined || snapshot.isAwaited || (asked.serial !== null && device.serial !== null))
      return undefined;
    // What an administrator takes for proof counts as long as a user's line has never been served.
    if (lines.some(({ userId, servedAt }) => userId !== null && servedAt === null)) return undefined;

    const { trustedAddresses } = tenant;
    const seen = { family: file.familyId, model: asked.model, firmware: asked.version, address: claim.address };
    const at = now();
    const facts = { claim, now: at, trustedAddresses, factoryReset: policyOf(tenant).factoryReset, device, lines };
    const ofOthers = { isExpected: false, mayEnrol: true, handOvers: [], isHome: false };
    const quietly = admitQuietly(needs, { seen }, { ...facts, ...ofOthers });
    if (quietly === undefined) return undefined;
    const { admitted, isNoted } = quietly;
    const made = fileOf(all, one, file, admitted.device, admitted.lines);
    const given = givenBy(all, one, file, admitted, made.tag);
    if (isNoted && given === undefined && known.isKept(snapshot)) {
      const key = questionOf(request);
      const remembered = { snapshot: new WeakRef(snapshot), until: quietUntil(admitted), answer: new WeakRef(made) };
      askedBefore.put(key, remembered, 2 * key.length);
    }
    if (request.method === 'HEAD' || (isNoted && given === undefined)) return made;
    const note = (): void => {
      if (!isNoted) later.note({ mac: device.mac, lineIds: admitted.lines.map(({ id }) => id), at });
    };
    // By TFTP, whoever asks is known to be there when the file has arrived.
    const isLater = request.transport === 'tftp';
    if (!isLater && !later.has(device.mac)) note();
    if (!isLater && given === undefined) return made;
    return {
      ...made,
      async delivered() {
        if (isLater) note();
        if (given !== undefined) later.noteGiven({ ...given, at });
      },
    };
  }

  /** What is to be noted of a file when it has arrived; `undefined`: it is what the device was given last, or nobody knows whose. */
  function givenBy(
    all: Families,
    { snapshot }: Known<Ready>,
    file: FileAsked,
    { device: phone, lines }: Pick<Admitted, 'device' | 'lines'>,
    tag: string,
  ): Omit<Given, 'at'> | undefined {
    const [line] = lines;
    if (line === undefined || !isItsOwn(lines, snapshot.lines)) return undefined;
    const { familyId: family, name } = file;
    const digest = givenDigest(tag, line.token);
    if (snapshot.given.get(name) === digest) return undefined;
    const owner = { phone, settings: phone, lines, snapshot, says: snapshot.says };
    const by = renderingOf(all);
    return { mac: phone.mac, name, family, digest, masked: () => by.masked(file, owner) };
  }

  function fileOf(all: Families, one: Known<Ready>, file: FileAsked, phone: Device, lines: readonly Line[]): Ready {
    const key = `${file.familyId}\n${file.name}\n${lines[0]?.id ?? ''}`;
    const kept = one.files.get(key);
    if (kept !== undefined) return kept;
    const { snapshot } = one;
    const made = render(file, { phone, settings: phone, lines, snapshot, says: snapshot.says }, all);
    known.putFile(one, key, made, made.body.length);
    return made;
  }

  function atOnce(request: FileRequest): Ready | undefined {
    if (!isForFiles(request)) return undefined;
    const all = keepUp();
    if (!snapshots.isReady()) return undefined;
    const before = askedBefore.get(questionOf(request));
    const snapshot = before?.snapshot.deref();
    if (before !== undefined && snapshot !== undefined && known.isKept(snapshot) && now() < before.until) {
      const answer = before.answer.deref();
      if (answer !== undefined) return answer;
    }
    const said = recognised(all, request);
    const isSilent = request.userAgent === null;
    const one = said.mac !== null && (isSilent || said.file?.role === 'device') ? known.of(said.mac) : undefined;
    // A phone that does not say what it is may be known.
    const { device, lines } = one?.snapshot ?? { device: undefined, lines: [] };
    const family = isSilent && device !== undefined ? familyOf(device, lines, request.claim) : undefined;
    const asked = family === undefined ? said : recognised(all, request, family);
    const { file } = asked;
    if (file?.kind !== 'template') return undefined;
    if (file.role !== 'device') return openFile(all, request, asked, file);
    return one === undefined || asked.mac !== said.mac ? undefined : ownFile(all, request, one, asked, file);
  }

  const path: FastPath = {
    answer: (request) => orSlowly(() => atOnce(request)),
    fill: (file, device, lines) =>
      orSlowly(() => {
        const all = keepUp();
        if (!snapshots.isReady()) return undefined;
        const isPlain = Object.keys(device.says).length === 0 && inCommon().tenants.has(device.tenantId);
        if (!isPlain) return undefined;
        const owner = { phone: device, settings: device, lines, snapshot: null, says: '{}' };
        const by = renderingOf(all);
        return { ...render(file, owner, all), masked: () => by.masked(file, owner) };
      }),
    atHand(store) {
      const isAtHand = (): boolean => keepUp() === families && snapshots.isReady();
      return { ...store, ...commonAtHand(store, () => (isAtHand() ? inCommon() : undefined)) };
    },
    noteGiven: later.noteGiven,
    async answerSoon(request) {
      if (snapshots.prepare === undefined || !isForFiles(request)) return undefined;
      try {
        await snapshots.prepare(recognised(keepUp(), request).mac);
      } catch {
        // The slow way finds out what is wrong, and says it.
        return undefined;
      }
      return path.answer(request);
    },
    async settled(request) {
      if (later.isEmpty()) return;
      const { mac } = recognised(keepUp(), request);
      if (mac === null || later.has(mac)) await later.settled();
    },
    written: later.written,
    close: later.close,
  };
  return path;
}

/**
 * A secret that cannot be read, a database that is broken, something in common that another process has made a moment ago: the
 * slow way looks again, and says what is wrong.
 */
function orSlowly<T>(work: () => T | undefined): T | undefined {
  try {
    return work();
  } catch {
    return undefined;
  }
}

function isForFiles({ method, path }: FileRequest): boolean {
  return (method === 'GET' || method === 'HEAD') && !isSpecial(path);
}

/** All of a request that decides about a device's own file. */
function questionOf({ path, userAgent, claim }: FileRequest): string {
  return `${claim.token?.reveal() ?? ''}\n${claim.address}\n${userAgent ?? '\0'}\n${path}`;
}

function isSpecial(path: string): boolean {
  return path.startsWith(REDIRECT_PATH) || AUTHORITY_PATHS.has(path);
}
