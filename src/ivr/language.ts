import type { User } from '../domain/user.ts';
import type { Ports } from '../provisioning/ports.ts';
import type { Begun } from './begin.ts';
import type { Call, Speech } from './call.ts';

export function isInstalled({ languages }: Pick<Ports, 'languages'>, language: string): boolean {
  return languages === null || languages.includes(language);
}

/** What offers the language that pressing `#` alone leads to, in that language; nothing when there is only one. */
export function otherLanguage({ languages, policy }: Begun, chosen: number): readonly Speech[] {
  const language = languages[(chosen + 1) % languages.length];
  if (languages.length < 2 || language === undefined) return [];
  return [{ prompt: 'language', voice: { language, sounds: policy.sounds } }];
}

/** From here on the caller is known, and is spoken to in the language of the phone to be; as long as there is one. */
export function speakTo(ports: Pick<Ports, 'languages'>, call: Call, { policy }: Begun, user: User): void {
  const wanted = user.deviceSays.language;
  if (wanted === undefined || policy.sounds !== null) return;
  const language = [wanted.replace('-', '_'), wanted.split('-')[0] ?? ''].find((each) => isInstalled(ports, each));
  if (language !== undefined && ports.languages !== null) call.speak({ language, sounds: null });
}
