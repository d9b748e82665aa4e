import type { Command } from 'commander';
import { DEVICE_TEMPLATES, LINE_TEMPLATES, templateAs, type TemplateKind } from '../administration/templates.ts';
import type { Mac } from '../domain/mac.ts';
import type { Families } from '../phones/family/family.ts';
import type { ServerFacts } from '../phones/view/facts.ts';
import { previewFile } from '../provisioning/files/previewFile.ts';
import { macArgument } from './arguments.ts';
import type { Run } from './run.ts';

/** Read when the command runs. */
export interface RenderFacts {
  readonly families: () => Families;
  readonly server: () => ServerFacts;
  /** Beside the file, which may go into another program. */
  warn(text: string): void;
}

interface Options {
  readonly family: string;
  readonly model?: string;
  readonly user?: string;
  readonly file?: string;
  readonly mac?: Mac;
  readonly lineTemplate?: string;
  readonly deviceTemplate?: string;
}

/** `selfprov render` */
export function renderCommand(program: Command, run: Run, { families, server, warn }: RenderFacts): void {
  program
    .command('render')
    .description('show a file as a phone would get it, secrets masked')
    .requiredOption('--family <family>', 'a family of "selfprov families"')
    .option('--model <model>', 'a model of it; without one, a model that nobody knows')
    .option('--user <extension>', 'for a phone of this user; without one, for a phone of nobody: the default line')
    .option('--file <name>', "as the phone asks for it, or as in family.yaml; without one, the device's own")
    .option('--mac <mac>', 'the MAC in it', macArgument)
    .option('--line-template <name>', 'for a phone of somebody who has this one')
    .option('--device-template <name>', 'for a phone of somebody who has this one')
    .action(
      run(async (core, { family, model, user, file, mac, lineTemplate, deviceTemplate }: Options) => {
        const { store, tenantId } = core;
        const needs = { store, families: families(), server: server(), tenantId };
        const as = <T extends object>(kind: TemplateKind<T>, name: string) =>
          templateAs(core, kind, { tenantId, name, texts: {} });
        const line = lineTemplate === undefined ? {} : { lineTemplate: await as(LINE_TEMPLATES, lineTemplate) };
        const device =
          deviceTemplate === undefined ? {} : { deviceTemplate: await as(DEVICE_TEMPLATES, deviceTemplate) };
        const preview = {
          family,
          model: model ?? null,
          extension: user ?? null,
          file: file ?? null,
          mac: mac ?? null,
          ...(lineTemplate === undefined && deviceTemplate === undefined ? {} : { under: { ...line, ...device } }),
        };
        const rendered = await previewFile(needs, preview);
        const content = rendered.body.toString();
        const data = {
          family,
          file: rendered.file.name,
          mac: rendered.mac,
          contentType: rendered.contentType,
          content,
          notes: rendered.notes,
        };
        for (const note of rendered.notes) warn(note);
        return { data, text: content.trimEnd() };
      }),
    );
}
