// Run by `npm run build`: what is read of the shipped families is written beside the program, which then need not read them again.
import { writeFileSync } from 'node:fs';
import { compiledFile, shippedTemplates } from './core.ts';
import { loadFamilies } from './phones/catalog/loadFamilies.ts';

const kept: Record<string, unknown> = {};
loadFamilies([shippedTemplates], { get: () => undefined, keep: (key, data) => void (kept[key] = data) });
writeFileSync(compiledFile, JSON.stringify(kept));
