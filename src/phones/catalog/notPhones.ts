import { z } from 'zod';
import type { Compiled } from './compiled.ts';
import { findFile } from './familyFolder.ts';
import type { Mistakes } from './mistakes.ts';
import { compilePattern } from '../pattern/pattern.ts';
import type { Pattern } from '../pattern/pattern.ts';
import { readYamlFile } from './yamlFile.ts';

const notPhonesSchema = z.strictObject({ user_agents: z.array(z.string().min(1)) });

/** Reads `not-phones.yaml`: User-Agents of browsers, tools and scanners. */
export function readNotPhones(
  directories: readonly string[],
  mistakes: Mistakes,
  compiled: Compiled,
): readonly Pattern[] {
  const file = findFile(directories, 'not-phones.yaml');
  const source = file === undefined ? undefined : readYamlFile(file, notPhonesSchema, mistakes, compiled);
  if (source === undefined) return [];
  return source.data.user_agents.flatMap((pattern, at) => {
    try {
      return [compilePattern(pattern)];
    } catch (error) {
      mistakes.add(
        source.file,
        source.lineOf(['user_agents', at]),
        error instanceof Error ? error.message : String(error),
      );
      return [];
    }
  });
}
