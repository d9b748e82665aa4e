/**
 * Every prompt that a script may play. What each one says is in `sounds/<language>/prompts.txt`; a test holds this list,
 * the words and the audio of every language together. Digits are not prompts: Asterisk's own sounds say them.
 */
export const PROMPTS = [
  'welcome',
  'enter-extension',
  'enter-pin',
  'extension-is',
  'confirm',
  'start-over',
  'phone-will-restart',
  'nothing-entered',
  'invalid-key',
  'not-accepted',
  'too-many-tries',
  'not-available',
  'phone-limit',
  'not-allowed',
  'already-assigned',
  'release-welcome',
  'release-confirm',
  'phone-released',
  'not-assigned',
  'goodbye',
] as const;

/** Name of a prompt, and of its files in `sounds/<language>/` without the extension. */
export type Prompt = (typeof PROMPTS)[number];
