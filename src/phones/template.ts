import Mustache from 'mustache';
import { checkTokens } from './templateCheck.ts';
import type { Role, TemplateProblem, Token } from './templateCheck.ts';
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

/** `texts` maps file names to templates. Throws Mustache's Error where one cannot be parsed, its file name in front. */
export function parseTemplates(texts: ReadonlyMap<string, string>): TemplateSet {
  // A writer of our own: Mustache's shared one never forgets a template.
  const writer = new Mustache.Writer();
  const parsed = new Map<string, readonly Token[]>();
  for (const [name, text] of texts) parsed.set(name, parse(writer, name, text));

  return {
    has: (name) => texts.has(name),
    problems: (name, shape, role) => checkTokens({ name, role, shape, texts, parsed }),
    render: (name, view, escape) =>
      writer.render(texts.get(name) ?? '', view, (partial) => texts.get(`${partial}.mustache`), { escape }),
  };
}

function parse(writer: InstanceType<typeof Mustache.Writer>, name: string, text: string): readonly Token[] {
  try {
    return writer.parse(text) as readonly Token[];
  } catch (error) {
    throw new Error(`${name}: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  }
}
