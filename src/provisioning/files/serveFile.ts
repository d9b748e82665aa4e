import type { Admission, Claim } from '../../domain/admission.ts';
import { isDefaultLine, type Device, type Line } from '../../domain/device.ts';
import type { Mac } from '../../domain/mac.ts';
import type { Store } from '../../domain/ports.ts';
import type { Families, FileAsked } from '../../phones/family/family.ts';
import { recognise, type PhoneRequest, type Recognised } from '../../phones/recognise/recognise.ts';
import type { ServerFacts } from '../../phones/view/facts.ts';
import { renderFile } from '../../phones/view/render.ts';
import type { Ports } from '../ports.ts';
import { admit, type Admitted } from './admit.ts';
import { givenDigest, isItsOwn, type Given } from './given.ts';
import { listUnserved } from './listUnserved.ts';
import { maskedFile } from './maskedFile.ts';
import { recordFetch } from './recordFetch.ts';
import { settingsFor } from './settingsFor.ts';
import { tagOf } from './tagOf.ts';
import { tenantFor } from './tenantFor.ts';
import { viewFor } from './viewFor.ts';

/** What serving files needs. */
export type ServeNeeds = Pick<Ports, 'store' | 'secrets' | 'times' | 'now' | 'portsOf'> & {
  readonly families: () => Families;
  readonly server: ServerFacts;
  /** A faster way to make the file of a device without a user: the same bytes, or `undefined`. */
  readonly fill?: (file: FileAsked, device: Device, lines: readonly Line[]) => Made | undefined;
  /** Hears that a device has been given a file whose `digest` is another than what `givenFiles` has. */
  readonly noteGiven?: (given: Given) => void;
  /** Hears how many milliseconds making a file has taken, without what was read for it. */
  readonly rendered?: (ms: number) => void;
  /** Hears why a request gets nothing. */
  readonly notServed?: (why: NotServed) => void;
};

/** Nobody who asks can tell them apart: not ours, of no device, or what `Admission` has for a refusal. */
export type NotServed = 'no_such_file' | 'no_device' | Extract<Admission, { readonly kind: 'refuse' }>['why'];

/** `path` without the token, which is in `claim`; `door` as `RequestTarget` has it, where nothing stands before a token `path`. */
export interface FileRequest extends PhoneRequest {
  readonly path: string;
  readonly door?: string;
  /** That it asks, without port, where the way of asking has one. */
  readonly host?: string | undefined;
  readonly claim: Claim;
}

/** A file, and what it is with a mask in the place of each secret. */
type Made = Pick<Served, 'contentType' | 'body'> & { readonly masked: () => string };

export interface Served {
  readonly mac: Mac | null;
  /** `null` for a file that is the same for all. */
  readonly family: string | null;
  readonly contentType: string;
  readonly body: Buffer;
  /** It holds secrets of one device: nobody on the way may keep it. */
  readonly private: boolean;
  /**
   * To be called once, when the whole body has been sent: only then has the phone fetched it. Missing where nothing follows
   * from that.
   */
  readonly delivered?: () => Promise<void>;
  /** To be called once, when whoever asked has shown to be at the source address. Missing where nothing follows from that. */
  readonly begun?: () => Promise<void>;
}

/**
 * The file that a phone asks for, whatever transport it asks by. `undefined` for a file that is not ours, a phone that
 * is not known, and a request without proof: nobody can tell them apart. An upload that this family makes (logs,
 * overrides) gets an empty body; nothing of it is kept.
 */
export async function serveFile(needs: ServeNeeds, request: FileRequest): Promise<Served | undefined> {
  const asked = await identify(needs, request);
  const { file } = asked;
  const writes = request.method === 'PUT' || request.method === 'POST';
  if (file === null || file.kind === 'other') await listUnserved(needs, request, asked);
  if (file === null || file.kind === 'other' || writes !== (file.kind === 'upload')) return undefined;
  const about = { mac: asked.mac, family: file.familyId, private: file.role === 'device' };
  if (writes) return { ...about, contentType: 'text/plain', body: Buffer.alloc(0) };
  if (file.role !== 'device') return { ...about, ...(await openFile(needs, request, asked, file)) };

  const admitted = await admitRequest(needs, request, asked, file);
  if (admitted === undefined) return undefined;
  const { settle, isOnce = false } = admitted;
  const { masked, ...made } = await ownFile(needs, file, admitted);
  return {
    ...about,
    mac: admitted.device.mac,
    ...(settle !== undefined && isOnce ? { begun: () => needs.store.transaction(settle) } : {}),
    ...made,
    async delivered() {
      if (hasLines(needs.families(), file)) await recordFetch(needs, admitted, request.claim);
      noteGiven(needs, file, admitted, { ...made, masked });
    },
  };
}

/**
 * What a device has been given is known for as long as it is not given something else. The database is not asked here: while it is
 * away, each phone that is served would hold a connection that the next one waits for.
 */
function noteGiven(
  { noteGiven: note, now }: ServeNeeds,
  { familyId: family, name }: FileAsked,
  { device: { mac }, lines }: Admitted,
  { body, masked }: Made,
): void {
  const [line] = lines;
  if (note === undefined || line === undefined) return;
  const digest = givenDigest(tagOf(body), line.token);
  note({
    ...{ mac, name, family, digest, at: now(), masked },
    isNews: async (store) =>
      isItsOwn(lines, await store.lines(mac)) &&
      (await store.givenFiles(mac)).find((each) => each.name === name)?.digest !== digest,
  });
}

/** A phone has its new line when it has the file with the lines, whatever else it has fetched before. */
function hasLines(families: Families, { familyId, name }: FileAsked): boolean {
  return families.byId.get(familyId)?.files.get(name)?.lines !== 'no';
}

/** A phone that is known keeps its family where the request says nothing of it: TFTP has no User-Agent. */
async function identify(needs: ServeNeeds, request: FileRequest): Promise<Recognised> {
  const asked = recognise(needs.families(), request);
  if (asked.mac === null || request.userAgent !== null) return asked;
  const device = await needs.store.device(asked.mac);
  if (device === undefined) return asked;
  const family = familyOf(device, await needs.store.lines(device.mac), request.claim);
  return family === undefined ? asked : recognise(needs.families(), { ...request, family });
}

/** What a known device is, as far as one may believe it, for a request that does not say. */
export function familyOf(device: Device, lines: readonly Line[], { token, address }: Claim): string | undefined {
  const its =
    lines.find((line) => line.token.reveal() === token?.reveal()) ?? lines.find((line) => line.address === address);
  // What the device is called is a user's phone's word; of one without a user, anybody's who asked.
  const isNobodys = lines.every(isDefaultLine);
  return its?.askedAs?.family ?? (isNobodys ? undefined : device.family);
}

/** Boot and common files hold nothing of a device: they are the same for everybody. */
async function openFile(
  needs: ServeNeeds,
  request: FileRequest,
  asked: Recognised,
  file: FileAsked,
): Promise<Pick<Served, 'contentType' | 'body'>> {
  const tenantId = await tenantFor(needs.store, request);
  const settings = await settingsFor(needs.store, { tenantId, family: file.familyId }, []);
  const phone = { family: file.familyId, model: asked.model, firmware: asked.version, mac: asked.mac };
  return timed(needs, () =>
    renderFile(needs.families(), file, viewFor(needs.families(), needs.server, phone, settings, null)),
  );
}

async function ownFile(needs: ServeNeeds, file: FileAsked, { device, lines }: Admitted): Promise<Made> {
  const { store, families, server, fill } = needs;
  const filled = lines.every(isDefaultLine) ? fill?.(file, device, lines) : undefined;
  if (filled !== undefined) return filled;
  const settings = await settingsFor(store, device, lines);
  const token = lines[0]?.token ?? null;
  const all = families();
  const made = timed(needs, () => renderFile(all, file, viewFor(all, server, device, settings, token)));
  return { ...made, masked: () => maskedFile({ families: all, server }, file, device, settings) };
}

function timed<T>({ rendered }: Pick<ServeNeeds, 'rendered'>, render: () => T): T {
  const began = performance.now();
  const made = render();
  rendered?.(performance.now() - began);
  return made;
}

async function admitRequest(
  needs: ServeNeeds,
  request: FileRequest,
  asked: Recognised,
  file: FileAsked,
): Promise<Admitted | undefined> {
  const { claim, method, transport } = request;
  const mac = asked.mac ?? (await macByToken(needs.store, claim));
  if (mac === undefined) {
    needs.notServed?.('no_device');
    return undefined;
  }
  const seen = { family: file.familyId, model: asked.model, firmware: asked.version, address: claim.address };
  const tenantId = await tenantFor(needs.store, request);
  const serial = asked.serial === null ? {} : { serial: asked.serial };
  return admit(
    { ...needs, tenantId },
    { mac, claim, seen, ...serial, isProvisional: method === 'HEAD' || transport === 'tftp' },
  );
}

/** An app has no MAC in its requests: the token in the URL that its user scanned or typed tells which device it is. */
async function macByToken(store: Store, { token }: Claim): Promise<Mac | undefined> {
  return token === null ? undefined : (await store.deviceByToken(token))?.mac;
}
