import { isRouted, type DialplanStep } from '../domain/dialplan.ts';
import { warning, well, wrong, type Finding } from './finding.ts';

/** What a dialplan that runs is asked. */
export interface DialplanAsked {
  steps(context: string, number: string): Promise<readonly DialplanStep[]>;
  /** Which context includes which, of all. */
  includes(): Promise<readonly { readonly context: string; readonly included: string }[]>;
}

/** Of a tenant, as far as calls to selfprov go. */
export interface TenantContexts {
  readonly id: string;
  /** Where its users' calls start, and what of ours has to be included there. */
  readonly users: string;
  readonly own: string;
  /** Where calls from its default lines start. */
  readonly defaultLine: string;
  readonly numbers: Readonly<Record<'extension' | 'releaseExtension' | 'numberExtension', string>>;
  /** Extension of one of its users, if there is any. */
  readonly anyUser: string | undefined;
}

/**
 * Whether the numbers of selfprov are reached from where they should be, a default line reaches nothing else, and strangers reach
 * neither.
 */
export async function reachFindings(
  dialplan: DialplanAsked,
  tenants: readonly TenantContexts[],
): Promise<readonly Finding[]> {
  const found: Finding[] = [];
  const includes = await dialplan.includes();
  for (const tenant of tenants) {
    const { id, users, own, defaultLine, numbers, anyUser } = tenant;
    for (const number of Object.values(numbers)) {
      if (!(await dialplan.steps(users, number)).some(isOurs))
        found.push(
          wrong(
            `${number} leads nowhere from [${users}], where calls of tenant ${id}'s users start`,
            `write "include => ${own}" into [${users}] of extensions.conf (selfprov asterisk-files --apply), then: asterisk -rx 'dialplan reload'`,
          ),
        );
    }
    if (!(await dialplan.steps(defaultLine, numbers.extension)).some(isOurs))
      found.push(
        wrong(
          `${numbers.extension} leads nowhere from [${defaultLine}], where calls of new phones start`,
          'selfprov asterisk-files --apply',
        ),
      );
    if (anyUser !== undefined && isRouted(await dialplan.steps(defaultLine, anyUser)))
      found.push(
        wrong(
          `a phone that is nobody's can call ${anyUser} from [${defaultLine}]`,
          `take what is included there out of [${defaultLine}]`,
        ),
      );
    found.push(...strangersOf(includes, tenant));
  }
  return found.length === 0
    ? [
        well(
          `the numbers of selfprov are reached from ${tenants.map(({ users }) => `[${users}]`).join(', ')} and new phones only`,
        ),
      ]
    : found;
}

function strangersOf(
  includes: Awaited<ReturnType<DialplanAsked['includes']>>,
  { users, own, defaultLine }: TenantContexts,
): readonly Finding[] {
  return includes.flatMap(({ context, included }) => {
    if (included === own && context !== users && !context.startsWith('selfprov-'))
      return [
        warning(
          `calls from [${context}] reach selfprov as well`,
          `if strangers call from there, take "include => ${own}" out of [${context}]`,
        ),
      ];
    if (included === defaultLine)
      return [
        wrong(`[${context}] includes [${defaultLine}], which is for new phones alone`, `take it out of [${context}]`),
      ];
    return [];
  });
}

const isOurs = ({ context }: DialplanStep): boolean => context.startsWith('selfprov-');
