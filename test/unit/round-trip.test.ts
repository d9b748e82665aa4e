import { expect } from 'chai';
import * as fc from 'fast-check';
import type { DefaultLine } from '../../src/domain/device.ts';
import { PLAIN_DEFAULT_LINE } from '../../src/domain/lineSettings.ts';
import type { Family } from '../../src/phones/family/family.ts';
import { bootstrapView, lineView } from '../../src/phones/view/view.ts';
import type { LineFacts, UserLine } from '../../src/phones/view/facts.ts';
import type { View } from '../../src/phones/template/viewTypes.ts';
import * as facts from '../support/phoneFacts.ts';
import { comparedKey, expectedKeys, expectedLine, unsaidOf, without } from '../support/readers/expected.ts';
import { limits } from '../support/readers/limits.ts';
import type { Limits } from '../support/readers/limits.ts';
import { readBack } from '../support/readers/ownFiles.ts';
import { readers } from '../../src/virtualPhone/readers/readers.ts';
import type { Reader } from '../../src/virtualPhone/readers/reading.ts';
import { portsOf, sceneOf } from '../support/readers/scene.ts';
import type { PortsScene, Scene } from '../support/readers/scene.ts';
import { runs } from '../support/runs.ts';

const families = facts.shippedFamilies();

function userView(family: Family, { lines, keys, model, proxy }: Scene): View {
  const settings = { ...facts.settings, keys };
  const change: Partial<LineFacts> = { server: { ...facts.server, outboundProxy: proxy }, lines, settings };
  return lineView(families, facts.lineFacts(facts.phone(family.id, model), change));
}

function check(family: Family, reader: Reader, limit: Limits, scene: Scene): void {
  const view = userView(family, scene);
  const unsaid = unsaidOf(limit, scene.proxy !== null);
  const written = scene.lines.filter(({ line }) => line.slot <= view.model.lines);
  const reading = readBack(family, reader, view);
  expect(reading.lines.map((line) => without({ ...line }, unsaid))).to.deep.equal(
    written.map((entry) => without(expectedLine(family, limit, entry, scene), unsaid)),
  );
  const labels = written.map(({ user }) => user.extension);
  expect(reading.keys.map((key) => comparedKey(limit, key))).to.deep.equal(
    expectedKeys(family, limit, view, labels, scene.keys),
  );
}

/** A phone lays what it fetches over what it has. */
function checkTakenBack(family: Family, reader: Reader, scene: Scene): void {
  const user = userView(family, scene);
  const nobody = bootstrapView(families, facts.bootstrapFacts(facts.phone(family.id, scene.model)));
  const alone = readBack(family, reader, nobody);
  expect(readBack(family, reader, user, nobody), 'released').to.deep.equal(alone);
  expect(readBack(family, reader, nobody, user), 'assigned').to.deep.equal(readBack(family, reader, user));
}

const LABEL = `Dial ${facts.tenant.extension} to set up`;
const LINE_OF_NOBODY = { ...facts.lineSettings, voicemail: null };

function nobodysLine(slot: number): UserLine & { readonly line: DefaultLine } {
  const account = `phone-001565aabbcc-${slot}`;
  const line = { ...facts.defaultLine, slot, endpoint: account, authName: account };
  return {
    line,
    user: { ...facts.user, extension: LABEL, name: LABEL },
    tenant: facts.tenant,
    settings: LINE_OF_NOBODY,
  };
}

function usersLine(slot: number): UserLine {
  const line = { ...facts.userLine, slot, endpoint: `15${slot}`, authName: `15${slot}-001565aabbcc` };
  return {
    line,
    user: { ...facts.user, extension: `15${slot}`, name: `User ${slot}` },
    tenant: facts.tenant,
    settings: facts.lineSettings,
  };
}

function portsView(family: Family, { model, ports }: PortsScene): View {
  const phone = facts.phone(family.id, model);
  const nobodys = ports.flatMap((whose, at) => (whose === 'nobody' ? [nobodysLine(at + 1)] : []));
  const lines = ports.flatMap((whose, at) => (whose === 'user' ? [usersLine(at + 1)] : []));
  const defaultLines = nobodys.map(({ line }) => ({ line, settings: PLAIN_DEFAULT_LINE }));
  if (lines.length === 0) return bootstrapView(families, facts.bootstrapFacts(phone, { defaultLines }));
  return lineView(families, facts.lineFacts(phone, { defaultLines, lines }));
}

/** Each port is whose it is, also after it was another's. */
function checkPorts(family: Family, reader: Reader, limit: Limits, before: PortsScene, after: PortsScene): void {
  const unsaid = unsaidOf(limit, false);
  const scene = { model: after.model, proxy: null };
  const expected = after.ports.map((whose, at) =>
    expectedLine(family, limit, (whose === 'user' ? usersLine : nobodysLine)(at + 1), scene),
  );
  const views = [portsView(family, { ...before, model: after.model }), portsView(family, after)];
  expect(readBack(family, reader, ...views).lines.map((line) => without({ ...line }, unsaid))).to.deep.equal(
    expected.map((line) => without(line, unsaid)),
  );
}

describe('What a phone reads in its files is what was meant', () => {
  for (const family of families.all.filter(({ files }) => files.size > 0)) {
    describe(family.id, () => {
      const limit = limits[family.id] ?? {};
      const reader = readers[family.id];
      if (reader === undefined) {
        it('has a reader', () => expect.fail(`test/support/readers/readers.ts has none for ${family.id}`));
        return;
      }

      it('for the lines and keys of any user', () => {
        fc.assert(
          fc.property(sceneOf(family, limit), (scene) => check(family, reader, limit, scene)),
          runs(30),
        );
      });

      if (limit.replaces === undefined) {
        it('with nothing left of the user before, or of the key that set it up', () => {
          fc.assert(
            fc.property(sceneOf(family, limit), (scene) => checkTakenBack(family, reader, scene)),
            runs(12),
          );
        });
      }

      const ports = portsOf(family);
      if (ports !== undefined) {
        it('for each port, whoever has it and whoever had it', () => {
          fc.assert(
            fc.property(ports, ports, (before, after) => checkPorts(family, reader, limit, before, after)),
            runs(12),
          );
        });
      }

      it('for a phone of nobody: the default line, a key that dials to set up, and where to fetch from', () => {
        const phone = facts.phone(family.id);
        const view = bootstrapView(families, facts.bootstrapFacts(phone));
        const unsaid = unsaidOf(limit, false);
        const reading = readBack(family, reader, view);
        const line = { ...nobodysLine(1), line: facts.defaultLine };
        const scene = { model: null, proxy: null };
        expect(reading.lines.map((found) => without({ ...found }, unsaid))).to.deep.equal([
          without(expectedLine(family, limit, line, scene), unsaid),
        ]);
        const { extension } = facts.tenant;
        const key = { kind: 'speed_dial', label: `Set up ${extension}`, value: extension, line: 1 } as const;
        expect(reading.keys.map((found) => comparedKey(limit, found))).to.deep.equal(
          expectedKeys(family, limit, view, [LABEL], [key]),
        );
        if (family.data.abilities.token_url === 'yes') {
          expect(reading.deliveryUrl).to.match(/^http:\/\/192\.0\.2\.10:8080\/p\/delivery-token\//);
        }
      });
    });
  }
});
