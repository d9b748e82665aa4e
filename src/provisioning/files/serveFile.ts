import { isRefusal } from '../../domain/errors.ts';
import type { Mac } from '../../domain/mac.ts';
import { mayBootstrap, proofOf, type Claim } from '../../domain/proof.ts';
import type { Store } from '../../domain/ports.ts';
import type { Device, Line, LineTemplate, User, UserProfile } from '../../domain/types.ts';
import type { Families, FileAsked } from '../../phones/family/family.ts';
import { recognise, type PhoneRequest, type Recognised } from '../../phones/recognise/recognise.ts';
import { renderFile } from '../../phones/view/render.ts';
import { isDefaultLine, type ServerFacts } from '../../phones/view/facts.ts';
import { bootstrapView, lineView } from '../../phones/view/view.ts';
import type { View } from '../../phones/template/viewTypes.ts';
import { defaultAccount } from '../../domain/accounts.ts';
import { deliveryUrl } from './deliveryUrl.ts';
import { enrolDevice } from './enrolDevice.ts';
import { orNotFound } from '../../domain/orNotFound.ts';
import { noteRequest } from './noteRequest.ts';
import type { Ports } from '../ports.ts';
import { syncRegistrations } from '../handOver/syncRegistrations.ts';

/** What serving files needs. */
export type ServeNeeds = Pick<Ports, 'store' | 'secrets' | 'registrar' | 'times' | 'now'> & {
  readonly families: () => Families;
  readonly server: ServerFacts;
  /** Where new phones go. */
  readonly tenantId: string;
};

/** `path` without the token, which is in `claim`. */
export interface FileRequest extends PhoneRequest {
  readonly path: string;
  readonly claim: Claim;
}

export interface Served {
  readonly mac: Mac | null;
  readonly family: string;
  readonly contentType: string;
  readonly body: Buffer;
  /** It holds secrets of one device: nobody on the way may keep it. */
  readonly private: boolean;
  /** To be called once, when the whole body has been sent. */
  readonly delivered?: () => Promise<void>;
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
  if (file === null || file.kind === 'other' || writes !== (file.kind === 'upload')) return undefined;
  if (writes)
    return { mac: asked.mac, family: file.familyId, contentType: 'text/plain', body: Buffer.alloc(0), private: false };
  const view =
    file.role === 'device' ? await deviceView(needs, request, asked, file) : await openView(needs, asked, file);
  return (
    view && {
      mac: asked.mac,
      family: file.familyId,
      private: file.role === 'device',
      ...renderFile(needs.families(), file, view),
    }
  );
}

/** A device that is known keeps its family where the request says nothing of it: TFTP has no User-Agent. */
async function identify(needs: ServeNeeds, request: FileRequest): Promise<Recognised> {
  const asked = recognise(needs.families(), request);
  if (asked.mac === null || request.userAgent !== null) return asked;
  const device = await needs.store.device(asked.mac);
  return device === undefined ? asked : recognise(needs.families(), { ...request, family: device.family });
}

/** Boot and common files hold nothing of a device: they are the same for everybody. */
async function openView(needs: ServeNeeds, asked: Recognised, file: FileAsked): Promise<View> {
  const tenant = orNotFound(await needs.store.tenant(needs.tenantId), 'tenant');
  return bootstrapView(needs.families(), {
    device: { family: file.familyId, model: asked.model, firmware: asked.version, mac: asked.mac },
    tenant,
    deviceTemplate: orNotFound(await needs.store.deviceTemplate(tenant.defaultDeviceTemplateId), 'device template'),
    server: needs.server,
    deliveryUrl: null,
    defaultLine: null,
  });
}

async function deviceView(
  needs: ServeNeeds,
  { claim, method }: FileRequest,
  asked: Recognised,
  file: FileAsked,
): Promise<View | undefined> {
  const { model, version } = asked;
  const { store, now } = needs;
  const mac = asked.mac ?? (await macByToken(store, claim));
  if (mac === undefined) return undefined;
  const seen = { family: file.familyId, model, firmware: version, address: claim.address };
  const known = await store.device(mac);
  const device = known ?? (await enrolDevice(needs, { mac, tenantId: needs.tenantId, ...seen }));
  const [lines, handOver] = [await store.lines(mac), await store.handOver(mac)];

  const proof = proofOf(claim, device, handOver, now());
  if (device.state === 'blocked') return undefined;
  const bootstrap = proof === undefined ? await bootstrapFor(needs, claim, device, lines) : 'same';
  if (bootstrap === 'no') return undefined;

  const changed = await noteRequest(
    needs,
    device,
    handOver,
    { ...seen, model: model ?? device.model, firmware: version ?? device.firmware },
    {
      newTokenSeen: proof === 'token' && device.previousToken !== null,
      fresh: bootstrap === 'fresh',
      isFetch: method === 'GET',
    },
  );
  if (!changed) return viewOf(needs, device, lines);
  return viewOf(needs, orNotFound(await store.device(mac), 'device'), await store.lines(mac));
}

/** An app has no MAC in its requests: the token in the URL that its user scanned or typed tells which device it is. */
async function macByToken(store: Store, { token }: Claim): Promise<Mac | undefined> {
  return token === null ? undefined : (await store.deviceByToken(token))?.mac;
}

/** A registration that would stand in the way is looked at once more: nobody tells us when one runs out. */
async function bootstrapFor(
  needs: ServeNeeds,
  claim: Claim,
  device: Device,
  lines: readonly Line[],
): Promise<ReturnType<typeof mayBootstrap>> {
  const decision = mayBootstrap(claim, device, lines);
  if (decision !== 'no' || device.state !== 'unassigned') return decision;
  try {
    await syncRegistrations(needs, defaultAccount(device.mac));
  } catch (error) {
    if (!isRefusal(error, 'unavailable')) throw error;
  }
  return mayBootstrap(claim, device, await needs.store.lines(device.mac));
}

async function viewOf(needs: ServeNeeds, device: Device, lines: readonly Line[]): Promise<View> {
  const { store, server } = needs;
  const tenant = orNotFound(await store.tenant(device.tenantId), 'tenant');
  const common = { device, tenant, server, deliveryUrl: deliveryUrl(server.openUrl, device.token) };
  const [first] = lines;
  if (first === undefined || isDefaultLine(first)) {
    const deviceTemplate = orNotFound(await store.deviceTemplate(tenant.defaultDeviceTemplateId), 'device template');
    return bootstrapView(needs.families(), { ...common, deviceTemplate, defaultLine: first ?? null });
  }
  const users = await Promise.all(lines.map((line) => withUser(store, line)));
  const { profile } = orNotFound(users[0], 'user of this device');
  const deviceTemplate = orNotFound(await store.deviceTemplate(profile.deviceTemplateId), 'device template');
  return lineView(needs.families(), { ...common, deviceTemplate, lines: users });
}

async function withUser(
  store: Store,
  line: Line,
): Promise<{ line: Line; user: User; profile: UserProfile; template: LineTemplate }> {
  const user = orNotFound(line.userId === null ? undefined : await store.user(line.userId), 'user of this line');
  const profile = orNotFound(await store.profile(user.profileId), 'user profile');
  return {
    line,
    user,
    profile,
    template: orNotFound(await store.lineTemplate(profile.lineTemplateId), 'line template'),
  };
}
