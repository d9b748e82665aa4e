import { z } from 'zod';
import { printCode } from '../administration/codes.ts';
import { LETTER_FORMATS, printLetter, type Keep, type LetterForm } from '../administration/letters.ts';
import { userByExtension } from '../administration/users.ts';
import { PAPERS, type Paper } from '../letters/paper.ts';
import { CODE, newCode } from './codes.ts';
import { operation } from './operation.ts';
import { extension, inTenant, nothing } from './schemas.ts';

const MINUTE_MS = 60_000;
const text = z.string();
const form = {
  format: z.enum(LETTER_FORMATS).default('pdf'),
  paper: z
    .enum(Object.keys(PAPERS) as [Paper, ...Paper[]])
    .default('a4')
    .meta({ description: 'of a PDF' }),
};
const printedAs = {
  contentType: text,
  letter: text.meta({ description: 'the file, in base64; what is in it is shown nowhere else', format: 'byte' }),
};

function formOf({ format, paper }: z.output<z.ZodObject<typeof form>>): LetterForm {
  return format === 'pdf' ? { format, paper } : { format };
}

/** Keeps what is printed until it is sent. */
function kept() {
  let letter = '';
  const keep: Keep = async (content, commit) => {
    letter = content.toString('base64');
    await commit();
  };
  return { keep, letter: () => letter };
}

function typeOf({ format }: LetterForm): string {
  return format === 'pdf' ? 'application/pdf' : 'text/html; charset=utf-8';
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
      .object({ extension, name: text, language: text, missingLanguage: text.nullable(), ...printedAs })
      .meta({ id: 'Letter' }),
    async work({ core, at, body: { format, paper, ...choice } }) {
      const { keep, letter } = kept();
      const wanted = formOf({ format, paper });
      const user = await userByExtension(core, at.tenant, at.extension);
      const printed = await printLetter(core, user, { ...choice, ...wanted }, keep);
      return { ...printed, contentType: typeOf(wanted), letter: letter() };
    },
  }),
  operation({
    ...{ ...about, id: 'printCode', tag: 'codes', right: 'policy', path: '/tenants/{tenant}/codes/letter' },
    summary: 'the sheet for the person who gets a phone, with a new one-time code in the place of a PIN',
    ...{ at: inTenant, body: z.strictObject({ ...newCode, ...form }) },
    answer: z.object({ ...CODE.shape, ...printedAs }).meta({ id: 'CodeLetter' }),
    async work({ core, facts, at, body: { format, paper, minutes, ...body } }) {
      const { keep, letter } = kept();
      const wanted = formOf({ format, paper });
      const families = facts.families().all.map(({ id }) => id);
      const input = { tenantId: at.tenant, ...body, lasts: minutes * MINUTE_MS };
      const made = await printCode(core, families, input, wanted, keep);
      return { ...made, contentType: typeOf(wanted), letter: letter() };
    },
  }),
] as const;
