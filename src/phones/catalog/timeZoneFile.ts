import { z } from 'zod';
import type { Compiled } from './compiled.ts';
import type { Mistakes } from './mistakes.ts';
import { readPosixRule } from '../template/timeZone.ts';
import type { TimeZoneRules } from '../template/timeZone.ts';
import { readYamlFile } from './yamlFile.ts';

const schema = z.record(
  z.string(),
  z.string().refine((rule) => readPosixRule(rule) !== undefined, 'is not a POSIX TZ rule with changes on weekdays'),
);

/** Reads the tables that scripts/makeTimeZones.ts writes (JSON is YAML too); a later file wins, name by name. */
export function readTimeZones(files: readonly string[], mistakes: Mistakes, compiled: Compiled): TimeZoneRules {
  return new Map(files.flatMap((file) => Object.entries(readYamlFile(file, schema, mistakes, compiled)?.data ?? {})));
}
