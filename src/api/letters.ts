import { z } from 'zod';
import { printCode } from '../administration/codes.ts';
import { LETTER_FORMATS, printLetter, type Keep } from '../administration/letters.ts';
import { userByExtension } from '../administration/users.ts';
import { CODE, newCode } from './codes.ts';
import { formOf, paper, PRINTED_AS, printedAs } from './letterForm.ts';
import { operation } from './operation.ts';
import { extension, inTenant, nothing } from './schemas.ts';

const MINUTE_MS = 60_000;
const text = z.string();
const form = { format: z.enum(LETTER_FORMATS).default('pdf'), paper };

/** Keeps what is printed until it is sent. */
function kept() {
  let letter = '';
  const keep: Keep = async (content, commit) => {
    letter = content.toString('base64');
    await commit();
  };
  return { keep, letter: () => letter };
}

const about = { method: 'post', status: 200, once: ['letter'], query: nothing } as const;

export const LETTERS = [
  operation({
    ...{ ...about, id: 'printLetter', tag: 'users', right: 'help' },
    path: '/tenants/{tenant}/users/{extension}/letter',
    summary: 'the sheet for the person who gets a phone, with a new PIN; the one before is worth nothing then',
    at: inTenant.extend({ extension }),
    body: z.strictObject({
      ...form,
      language: text.exactOptional().meta({ description: 'instead of that of the user’s phones' }),
      pin: text.exactOptional().meta({ description: 'instead of one that is made up' }),
    }),
    answer: z
      .object({ extension, name: text, language: text, missingLanguage: text.nullable(), ...PRINTED_AS })
      .meta({ id: 'Letter' }),
    async work({ core, at, body: { format, paper: size, ...choice } }) {
      const { keep, letter } = kept();
      const wanted = formOf({ format, paper: size });
      const user = await userByExtension(core, at.tenant, at.extension);
      const printed = await printLetter(core, user, { ...choice, ...wanted }, keep);
      return { ...printed, ...printedAs(wanted), letter: letter() };
    },
  }),
  operation({
    ...{ ...about, id: 'printCode', tag: 'codes', right: 'policy', path: '/tenants/{tenant}/codes/letter' },
    summary: 'the sheet for the person who gets a phone, with a new one-time code in the place of a PIN',
    ...{ at: inTenant, body: z.strictObject({ ...newCode, ...form }) },
    answer: z.object({ ...CODE.shape, ...PRINTED_AS }).meta({ id: 'CodeLetter' }),
    async work({ core, facts, at, body: { format, paper: size, minutes, ...body } }) {
      const { keep, letter } = kept();
      const wanted = formOf({ format, paper: size });
      const families = facts.families().all.map(({ id }) => id);
      const input = { tenantId: at.tenant, ...body, lasts: minutes * MINUTE_MS };
      const made = await printCode(core, families, input, wanted, keep);
      return { ...made, ...printedAs(wanted), letter: letter() };
    },
  }),
] as const;
