import { hasContext, numbersIn, startContexts, type ReadSite } from './asterisk/configFiles/siteFiles.ts';
import type { Config } from './config.ts';
import { USUAL_CONFIG } from './configFile.ts';
import { CANDIDATES } from './dialplanChecks.ts';
import { SelfprovError } from './domain/errors.ts';

/** What of the settings is odd beside the files of the site, as far as these show; for a reader. */
export function oddities(
  read: ReadSite,
  { emergencyContext }: Pick<Config, 'emergencyContext'>,
  usersContext: string,
): readonly string[] {
  const starts = startContexts(read);
  const [[most, count] = ['', 0]] = starts;
  const own = starts.get(usersContext) ?? 0;
  return [
    ...(own * 2 < count
      ? [
          `Calls of ${count} endpoints start in [${most}], and of ${own} in [${usersContext}], which selfprov takes for the context of your users: selfprov tenant set --context ${most}`,
        ]
      : []),
    ...(hasContext(read, emergencyContext)
      ? []
      : [
          `There is no context [${emergencyContext}] in extensions.conf, which is to route emergency numbers (SELFPROV_EMERGENCY_CONTEXT).`,
        ]),
  ];
}

/**
 * What nobody can guess, and what the site has for something else, is said before the first start writes it down: throws `invalid` with
 * all that is missing in the environment.
 */
export function askFirst(config: Config, read: ReadSite): void {
  const contexts = [...startContexts(read)].map(([name, count]) => `${name} (${count})`);
  const asked = {
    SELFPROV_DIR: 'the folder of database and keys, like /var/lib/selfprov; whom it belongs to, selfprov runs as',
    SELFPROV_USERS_CONTEXT: `the context that calls of your users start in${contexts.length === 0 ? '' : `; endpoints start in ${contexts.join(', ')}`}`,
    SELFPROV_EMERGENCY_NUMBERS:
      'the emergency numbers, like 112,911: a phone that is nobody’s yet reaches these and no others',
    SELFPROV_EMERGENCY_CONTEXT: 'a context that routes these numbers',
  };
  const missing = Object.entries({ ...asked, ...takenIn(config, numbersIn(read)) }).filter(
    ([name]) => !(name in config.said),
  );
  if (missing.length > 0)
    throw new SelfprovError(
      'invalid',
      [
        `before the first time, say in ${config.said['SELFPROV_CONFIG'] ?? USUAL_CONFIG}, or in the environment:`,
        ...missing.map(([name, what]) => `  ${name}  ${what}`),
      ].join('\n'),
    );
}

function takenIn({ firstTenant }: Config, numbers: ReturnType<typeof numbersIn>): Readonly<Record<string, string>> {
  const { extension, releaseExtension, numberExtension } = firstTenant;
  const own = [extension, releaseExtension, numberExtension];
  const settings = {
    SELFPROV_EXTENSION: extension,
    SELFPROV_RELEASE_EXTENSION: releaseExtension,
    SELFPROV_NUMBER_EXTENSION: numberExtension,
  };
  const free = CANDIDATES.filter((number) => !own.includes(number) && !numbers.has(number));
  return Object.fromEntries(
    Object.entries(settings).flatMap(([name, number], at) => {
      const other = numbers.get(number);
      return other === undefined
        ? []
        : [
            [
              name,
              `${number} is taken in [${other.context}] (${other.application}); free is ${free[at] ?? 'another one'}`,
            ],
          ];
    }),
  );
}
