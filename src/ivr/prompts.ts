/**
 * Every prompt that a script may play. What each one says is in `sounds/<language>/prompts.txt`; a test holds this list,
 * the words and the audio of every language together.
 */
export const PROMPTS = [
  'language',
  'welcome',
  'enter-extension',
  'enter-user-id',
  'enter-provisioning-id',
  'enter-pin',
  'extension-is',
  'confirm',
  'start-over',
  'phone-will-restart',
  'enter-administrator-code',
  'enter-user-extension',
  'code-not-accepted',
  'nothing-entered',
  'invalid-key',
  'not-accepted',
  'too-many-tries',
  'not-available',
  'switched-off',
  'not-ready',
  'not-allowed',
  'kind-not-allowed',
  'phone-limit',
  'phone-blocked',
  'other-tenant',
  'already-assigned',
  'take-over',
  'to-give-back',
  'release-welcome',
  'release-confirm',
  'phone-released',
  'not-assigned',
  'hot-desk-welcome',
  'logged-in',
  'log-off-confirm',
  'logged-off',
  'phone-id-is',
  'goodbye',
  'key-star',
  'key-pound',
] as const;

/** Name of a prompt, and of its files in `sounds/<language>/` without the extension. */
export type Prompt = (typeof PROMPTS)[number];

/** Names of the digits, from 0 on, made like prompts. A language may be without them: Asterisk's own are said then. */
export const DIGITS = Array.from({ length: 10 }, (_, digit) => `digit-${digit}` as const);
