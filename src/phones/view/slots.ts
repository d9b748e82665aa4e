import type { SlotView } from '../template/viewTypes.ts';

/** A place counted from 1; `is_first` and `is_last` are the list's to say. */
export function slotView(index: number, fields: readonly Readonly<Record<string, string>>[]): SlotView {
  return { index, index0: index - 1, is_first: false, is_last: false, fields: fields[index - 1] ?? fields[0] ?? {} };
}

export function markEnds<T extends SlotView>(items: readonly T[]): readonly T[] {
  return items.map((item, at) => ({ ...item, is_first: at === 0, is_last: at === items.length - 1 }));
}

/** Letters, digits, dots, hyphens and underscores; all that is between them becomes one space. */
export function safeText(text: string): string {
  return text.replace(/[^\p{L}\p{M}\p{N}._-]+/gu, ' ').trim();
}
