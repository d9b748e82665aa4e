import type { AnswerOf } from '../api/operations.ts';
import { titleIn } from './apiWords.ts';
import { deviceAt, FEW, shownLines, type Looking, type Refusal } from './page.ts';

/** What is asked for a preview: `changes` what becomes different in which files, `file` one of a kind that was chosen. */
interface Asked {
  changes(): Promise<AnswerOf<'previewChangeDevice'>> | null;
  file(): Promise<AnswerOf<'renderFile'>>;
}

/** What a change would do to files, and the kinds of phones to choose from. */
export async function filePreview(looking: Looking, asked: Asked) {
  const { ask, tenant, refusalOf } = looking;
  const [{ items: families }, { family, model }] = await Promise.all([ask('listFamilies'), kindIn(looking)]);
  const attempt = async <T>(
    work: () => Promise<T> | null,
  ): Promise<{ readonly answer: T | null; readonly no: Refusal | null }> => {
    try {
      return { answer: await work(), no: null };
    } catch (error) {
      return { answer: null, no: refusalOf(error) };
    }
  };
  const changes = await attempt(() => asked.changes());
  const file = changes.no === null ? await attempt(() => asked.file()) : { answer: null, no: null };
  const all = changes.answer?.items ?? [];
  const count = all.reduce((sum, { devices }) => sum + devices, 0);
  return {
    ...{ refusal: changes.no ?? file.no, count, file: file.answer, model },
    isUntouched: looking.form === null,
    ...{ isSame: changes.answer !== null && all.length === 0, isDifferent: all.length > 0 },
    more: all.length > FEW ? all.length - FEW : null,
    changes: all.slice(0, FEW).map(({ devices, example, files }) => ({
      ...{ devices, mac: example.mac, href: deviceAt(tenant, example.mac) },
      kind: `${example.family} ${example.model ?? ''}`.trim(),
      files: files.map(({ name, lines }) => ({ name, ...shownLines(lines) })),
    })),
    families: families
      .filter(({ served }) => served)
      .map((each) => ({
        value: each.family,
        label: titleIn(looking.language, each.title),
        isChosen: each.family === family,
      })),
    models: families.find((each) => each.family === family)?.models ?? [],
  };
}

/** Of which a file is shown: as it was chosen, else as the first phone there is, else any. */
export async function kindIn(looking: Looking): Promise<{ readonly family: string; readonly model: string | null }> {
  const { ask, tenant, form, query } = looking;
  const { items: all } = await ask('listFamilies');
  const served = all.filter(({ served: is }) => is);
  const chosen = served.find((each) => each.family === (form ?? query)['family']);
  const model = ((form ?? query)['model'] ?? '').trim();
  if (chosen !== undefined) {
    const known = chosen.models.find(({ name }) => name === model);
    // A model that was chosen beside another family is none of this one.
    return { family: chosen.family, model: known?.name ?? null };
  }
  const { items } = await ask('listDevices', { at: { tenant }, query: { limit: '50' } });
  const device = items.find(({ family }) => served.some((each) => each.family === family));
  const of = served.find(({ family }) => family === device?.family) ?? served[0];
  const its = of?.models.find(({ name }) => name === device?.model);
  return { family: of?.family ?? '', model: its?.name ?? null };
}
