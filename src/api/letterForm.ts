import { z } from 'zod';
import type { LetterForm } from '../administration/letters.ts';
import { PAPERS, type Paper } from '../letters/paper.ts';

export const paper = z
  .enum(Object.keys(PAPERS) as [Paper, ...Paper[]])
  .default('a4')
  .meta({ description: 'of a PDF' });
/** What was printed, in an answer. */
export const PRINTED_AS = {
  contentType: z.string(),
  letter: z.string().meta({ description: 'the file, in base64; what is in it is shown nowhere else', format: 'byte' }),
};

export function formOf({ format, paper: size }: { format: LetterForm['format']; paper: Paper }): LetterForm {
  return format === 'pdf' ? { format, paper: size } : { format };
}

export function printedAs({ format }: LetterForm): { readonly contentType: string } {
  return { contentType: format === 'pdf' ? 'application/pdf' : 'text/html; charset=utf-8' };
}
