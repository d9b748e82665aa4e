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
  const writer = newWriter();
  const parsed = new Map<string, readonly Token[]>();
  for (const [name, text] of texts) {
    try {
      parsed.set(name, writer.parse(text) as readonly Token[]);
    } catch (error) {
      refuse({ name, ...placed(text, error instanceof Error ? error.message : String(error)) });
    }
  }

  return {
    ...acceptedTemplates(texts, writer),
    problems: (name, shape, role) => checkTokens({ name, role, shape, texts, parsed }),
  };
}

/** The same of templates that have been checked before: each is parsed when it is needed. */
export function acceptedTemplates(
  texts: ReadonlyMap<string, string>,
  writer: InstanceType<typeof Mustache.Writer> = newWriter(),
): TemplateSet {
  return {
    has: (name) => texts.has(name),
    problems: () => [],
    render: (name, view, escape) =>
      writer.render(texts.get(name) ?? '', view, (partial) => texts.get(`${partial}.mustache`), { escape }),
  };
}

/** One of our own: Mustache's shared one never forgets a template. */
function newWriter(): InstanceType<typeof Mustache.Writer> {
  return new Mustache.Writer();
}

/** Mustache ends its message with the place in the text, counted in characters; people count lines. */
function placed(text: string, message: string): { readonly line: number; readonly reason: string } {
  const [, reason = message, at = '0'] = /^(.*) at (\d+)$/s.exec(message) ?? [];
  return { line: text.trimEnd().slice(0, Number(at)).split('\n').length, reason };
}
