import Mustache from 'mustache';
import { checkTokens } from './check.ts';
import type { Role, TemplateProblem, Token } from './check.ts';
import type { Escape } from './formats.ts';
import type { View } from './viewTypes.ts';

/** The templates of one family, parsed once. */
export interface TemplateSet {
  has(name: string): boolean;
  /** Why this template, with all that it includes, must not be used for a file of this role. */
  problems(name: string, shape: View, role: Role): readonly TemplateProblem[];
  /** Fills a template in. Views are plain data, so nothing in them is ever called. */
  render(name: string, view: View, escape: Escape): string;
}

/** `texts` maps file names to templates. One that cannot be parsed is refused, and empty in what is returned. */
export function parseTemplates(
  texts: ReadonlyMap<string, string>,
  refuse: (problem: TemplateProblem) => void,
): TemplateSet {
  // A writer of our own: Mustache's shared one never forgets a template.
  const writer = new Mustache.Writer();
  const parsed = new Map<string, readonly Token[]>();
  for (const [name, text] of texts) {
    try {
      parsed.set(name, writer.parse(text) as readonly Token[]);
    } catch (error) {
      refuse({ name, ...placed(text, error instanceof Error ? error.message : String(error)) });
    }
  }

  return {
    has: (name) => texts.has(name),
    problems: (name, shape, role) => checkTokens({ name, role, shape, texts, parsed }),
    render: (name, view, escape) =>
      writer.render(texts.get(name) ?? '', view, (partial) => texts.get(`${partial}.mustache`), { escape }),
  };
}

/** Mustache ends its message with the place in the text, counted in characters; people count lines. */
function placed(text: string, message: string): { readonly line: number; readonly reason: string } {
  const [, reason = message, at = '0'] = /^(.*) at (\d+)$/s.exec(message) ?? [];
  return { line: text.trimEnd().slice(0, Number(at)).split('\n').length, reason };
}
