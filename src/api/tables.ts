import { z } from 'zod';
import { LETTER_FORMATS, printed, type LetterForm } from '../administration/letters.ts';
import { whyBeyond } from '../administration/reach.ts';
import { deviceColumnNames, deviceLines, devicesKind } from '../administration/tables/devices.ts';
import { exportTable } from '../administration/tables/exportTable.ts';
import { importDevices, previewDevices } from '../administration/tables/importDevices.ts';
import {
  checkedBy,
  importUsers,
  previewUsers,
  type LettersWanted,
  type ReadUsers,
} from '../administration/tables/importUsers.ts';
import type { Change, Plan } from '../administration/tables/kind.ts';
import { newPins } from '../administration/tables/newPins.ts';
import { countsOf } from '../administration/tables/planTable.ts';
import { userColumnNames, usersKind, userLines } from '../administration/tables/users.ts';
import type { Visitor } from '../domain/access.ts';
import { formatMac } from '../domain/mac.ts';
import type { Paper } from '../letters/paper.ts';
import { formOf, paper, PRINTED_AS, printedAs } from './letterForm.ts';
import { operation } from './operation.ts';
import { WrongRequest } from './problem.ts';
import { extension, inTenant, macShown, nothing } from './schemas.ts';

/** Names of the columns of a table. */
export const COLUMNS: Readonly<Record<'users' | 'devices', readonly string[]>> = {
  users: userColumnNames(),
  devices: deviceColumnNames(),
};

const text = z.string();
const count = z.number().int();
const MISTAKE = z.object({ line: count, column: text.nullable(), message: text });
const IMPORTED = z
  .object({
    imported: z.boolean().meta({ description: 'all lines, or none' }),
    counts: z.object({ new: count, changed: count, unchanged: count }),
    lines: z.array(
      z.object({
        line: count.meta({ description: 'of the table; its header is 1' }),
        key: text.meta({ description: 'whom it is about' }),
        what: z.enum(['new', 'changed', 'unchanged']),
        fields: z.record(text, z.union([text, z.number(), z.boolean(), z.null()])),
      }),
    ),
    mistakes: z.array(MISTAKE).meta({ description: 'nothing is done while there are any' }),
  })
  .meta({ id: 'Imported' });

const about = { at: inTenant } as const;
const dry = z.strictObject({
  dryRun: z
    .enum(['true', 'false'])
    .default('false')
    .meta({ description: '`true`: say by each line what would be done, and every mistake, and do nothing' }),
});
const importing = {
  method: 'post',
  right: 'change',
  status: 200,
  takesCsv: true,
  body: z.strictObject({ csv: text.meta({ description: 'a table whose first line names the columns' }) }),
} as const;
const exporting = { method: 'get', right: 'see', status: 200, query: nothing, body: null } as const;

/** A plan with mistakes is refused, unless it was asked for itself. */
function planned(plan: Plan<Change>, isDry: boolean) {
  const { lines, mistakes } = plan;
  if (!isDry && mistakes.length > 0)
    throw new WrongRequest(
      mistakes.map(({ line, column, message }) => ({
        at: ['body.csv', line, ...(column === null ? [] : [column])].join('.'),
        detail: message,
      })),
    );
  return {
    imported: !isDry,
    counts: countsOf(plan),
    lines: lines.map(({ line, key, change: { what, fields } }) => ({ line, key, what, fields })),
    mistakes,
  };
}

/** Users as this visitor may enter them: what reaches beyond its tenant is a mistake. */
function usersFor(visitor: Visitor): ReadUsers {
  return async (store, tenantId) => {
    const kind = await usersKind(store, tenantId);
    return {
      ...kind,
      plan(draft, wrong) {
        const why = whyBeyond(visitor, draft.texts);
        if (why !== undefined) wrong(null, why);
        return kind.plan(draft, wrong);
      },
    };
  };
}

/** What an import prints. */
function lettersOf({ letters, paper }: { letters: 'none' | LetterForm['format']; paper: Paper }): LettersWanted | null {
  return letters === 'none' ? null : { form: formOf({ format: letters, paper }), inOne: true };
}

const NO_PINS: Awaited<ReturnType<typeof newPins>> = new Map();

export const TABLES = [
  operation({
    ...{ ...about, ...importing, id: 'importUsers', tag: 'users', path: '/tenants/{tenant}/users/import' },
    summary: 'add and change users by a table (CSV); PINs that are made up are not shown again',
    once: ['pins', 'letters'],
    query: dry.extend({
      letters: z
        .enum(['none', ...LETTER_FORMATS])
        .default('none')
        .meta({ description: 'print one for each PIN of the table, all in one file' }),
      paper,
    }),
    answer: z
      .object({
        ...IMPORTED.shape,
        pins: z.array(z.object({ extension, name: text, pin: text })),
        letters: z.object(PRINTED_AS).nullable(),
      })
      .meta({ id: 'ImportedUsers' }),
    async ask({ core, facts, visitor, at, query, body }) {
      const file = Buffer.from(body.csv);
      const plan = await previewUsers(core, at.tenant, file, lettersOf(query), usersFor(visitor));
      const added = plan.lines.flatMap(({ key, change }) => (change.what === 'new' ? [key] : []));
      const checks = await facts.checkNumbers(at.tenant, added);
      const answer = planned(checkedBy(checks, plan), query.dryRun === 'true');
      // Before the database is asked to wait for it.
      return { file, plan, answer, pins: answer.imported ? await newPins(core, plan, () => undefined) : NO_PINS };
    },
    async work({ core, visitor, at, query, told: { file, plan, answer, pins } }) {
      if (!answer.imported) return { ...answer, pins: [], letters: null };
      const given: { readonly extension: string; readonly name: string; readonly pin: string }[] = [];
      const wanted = lettersOf(query);
      let letters: { readonly contentType: string; readonly letter: string } | null = null;
      await importUsers(core, at.tenant, file, plan, {
        ...{ letters: wanted, pins, readKind: usersFor(visitor), progress: () => undefined },
        async keep(all, commit) {
          for (const { extension: number, name, pin, generated } of all)
            if (generated) given.push({ extension: number, name, pin: pin.reveal() });
          const texts = all.flatMap(({ letter }) => (letter === null ? [] : [letter.text]));
          if (wanted !== null && texts.length > 0)
            letters = { ...printedAs(wanted.form), letter: (await printed(texts, wanted.form)).toString('base64') };
          await commit();
        },
      });
      return { ...answer, pins: given, letters };
    },
  }),
  operation({
    ...{ ...about, ...importing, id: 'importDevices', tag: 'devices', path: '/tenants/{tenant}/devices/import' },
    summary: 'enter and change devices by a table (CSV); URLs of new ones only for who may see secrets',
    once: ['urls'],
    query: dry,
    answer: z
      .object({ ...IMPORTED.shape, urls: z.array(z.object({ mac: macShown, url: text })) })
      .meta({ id: 'ImportedDevices' }),
    async work({ core, facts, visitor, at, query, body }) {
      const file = Buffer.from(body.csv);
      const plan = await previewDevices(core, facts, at.tenant, file);
      const { lines, ...answer } = planned(plan, query.dryRun === 'true');
      const urls: { readonly mac: string; readonly url: string }[] = [];
      if (answer.imported)
        await importDevices(core, facts, at.tenant, file, plan, async (all, commit) => {
          if (visitor.rights.has('secrets')) for (const [mac, url] of all) urls.push({ mac: formatMac(mac), url });
          await commit();
        });
      return { ...answer, lines: lines.map((each) => ({ ...each, key: formatMac(each.key) })), urls };
    },
  }),
  operation({
    ...{ ...about, ...exporting, id: 'exportUsers', tag: 'users', path: '/tenants/{tenant}/users.csv' },
    summary: 'all users as a table, without any secret; an import takes it back',
    ...{ answer: text, type: 'text/csv' },
    async work({ core, at }) {
      const { columns } = await usersKind(core.store, at.tenant);
      return exportTable(columns, await userLines(core.store, at.tenant)).csv;
    },
  }),
  operation({
    ...{ ...about, ...exporting, id: 'exportDevices', tag: 'devices', path: '/tenants/{tenant}/devices.csv' },
    summary: 'all devices as a table, without any secret; an import takes it back',
    ...{ answer: text, type: 'text/csv' },
    async work({ core, facts, at }) {
      const { columns } = await devicesKind(core.store, facts.families(), at.tenant);
      return exportTable(columns, await deviceLines(core.store, at.tenant)).csv;
    },
  }),
] as const;
