import { POLICY_SETTINGS } from '../../domain/policySettings.ts';
import { actsFor, allowed, hiddenOf, wordOr, wordsFor, type Page } from '../page.ts';

/** Settings of the policy with few answers, each as it is chosen among; the others are typed. */
const CHOICES: Readonly<Record<string, readonly string[]>> = {
  selfProvisioning: ['on', 'off'],
  enrolment: ['on', 'off'],
  ivr: ['on', 'off'],
  authentication: ['none', 'users', 'users_and_administrators'],
  identifyBy: ['extension', 'user_id', 'provisioning_id'],
  takeOver: ['refuse', 'allow'],
  factoryReset: ['refuse', 'default_line'],
};

/** What a tenant's rules mean, how likely a PIN is guessed, and what may be changed of all that. */
export const POLICY: Page = {
  path: '/t/:tenant/policy',
  view: 'policy',
  nav: { word: 'policy', right: 'see', isMore: true },
  async load(looking) {
    const { ask, at, here, language, tenant, visitor } = looking;
    const say = wordsFor(looking);
    const [{ sentences }, its, profiles] = await Promise.all([
      ask('getPolicy', { at, query: { language: language === 'de' ? 'de' : 'en' } }),
      ask('getTenant', { at }),
      ask('listProfiles', { at, query: { limit: '500' } }),
    ]);
    const where = { tenant };
    const isAbout = (about: string): boolean => ['lockout', 'guessing', 'assumptions'].includes(about);
    const plain = (name: string, value: string) => ({
      name: `body.${name}`,
      value,
      label: say(`policy.fields.${name}`),
    });
    const among = (
      name: string,
      value: string,
      label: string,
      choices: readonly { value: string; label: string }[],
    ) => ({
      ...{ name, label, value },
      choices: choices.map((each) => ({ ...each, isChosen: each.value === value })),
    });
    // A folder of the machine is not for one tenant to say.
    const mine = Object.entries(POLICY_SETTINGS).filter(([name]) => visitor.tenantId === null || name !== 'sounds');
    const settings = mine.map(([name, setting]) => {
      const placeholder = wordOr(language, `hints.${name}`, setting.placeholder);
      const field = `body.settings.${name}`;
      const label = say(`policy.fields.${name}`);
      const value = its.settings[name] ?? '';
      const choices = CHOICES[name]?.map((each) => ({ value: each, label: say(`policy.choices.${each}`) }));
      return choices === undefined
        ? { name: field, label, value, placeholder, choices: null }
        : { ...among(field, value, label, choices), placeholder };
    });
    return {
      ...{ title: say('policy.title'), warnings: its.warnings },
      rules: sentences.filter(({ about }) => !isAbout(about)),
      guessing: sentences.filter(({ about }) => isAbout(about)),
      change: visitor.rights.has('policy')
        ? {
            hidden: hiddenOf(where, here),
            numbers: [
              plain('name', its.name),
              plain('extension', its.extension),
              plain('releaseExtension', its.releaseExtension),
              plain('numberExtension', its.numberExtension),
              plain('emergencyNumbers', its.emergencyNumbers.join(', ')),
              // Its doors may be so wide that others' phones come through.
              ...(visitor.tenantId === null
                ? [plain('urls', its.urls.join(', ')), plain('networks', its.networks.join(', '))]
                : []),
            ],
            selects: [
              among(
                'body.profile',
                its.profile ?? '',
                say('policy.fields.profile'),
                profiles.items.map(({ name }) => ({ value: name, label: name })),
              ),
              among(
                'body.trustedAddresses',
                its.trustedAddresses,
                say('policy.fields.trustedAddresses'),
                ['private', 'any'].map((value) => ({ value, label: say(`policy.choices.${value}`) })),
              ),
              ...settings.filter(({ choices }) => choices !== null),
            ],
            texts: settings.filter(({ choices }) => choices === null),
          }
        : null,
      acts: its.hasAdministratorCode
        ? allowed([
            withField(
              actsFor(looking)('policy', 'changeTenant', 'policy.removeCode', where, 'policy.removeCodeSure'),
              'body.administratorCode',
            ),
          ])
        : [],
    };
  },
};

/** The button with an empty field, which takes away. */
function withField<T extends { readonly hidden: readonly { readonly name: string; readonly value: string }[] }>(
  act: T | null,
  name: string,
): T | null {
  return act === null ? null : { ...act, hidden: [...act.hidden, { name, value: '' }] };
}
