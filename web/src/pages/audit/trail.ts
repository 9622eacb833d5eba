// The audit trail page by page, and its entries in words.

import { api, type Schema } from '$lib/api';

export type Entry = Schema<'EntryShown'>;

const A_PAGE = 1000;

/** Entries behind a number, at most so many pages of them; `whole` where there are no more. */
export async function entriesFrom(after: number, pages = 10): Promise<{ entries: Entry[]; whole: boolean }> {
  const entries: Entry[] = [];
  for (let page = 0; page < pages; page++) {
    const found = await api.get('/api/audit', { query: { after: entries.at(-1)?.number ?? after, most: A_PAGE } });
    entries.push(...found);
    if (found.length < A_PAGE) return { entries, whole: true };
  }
  return { entries, whole: false };
}

export interface Filter {
  actor: string;
  action: string;
  text: string;
}

/** Entries that a filter lets through, the latest first. */
export function filtered(entries: readonly Entry[], filter: Filter): Entry[] {
  const text = filter.text.trim().toLowerCase();
  return entries
    .filter(
      (each) =>
        (filter.actor === '' || each.actor === filter.actor) &&
        (filter.action === '' || each.action === filter.action) &&
        (text === '' || `${each.subject} ${JSON.stringify([each.old, each.new])}`.toLowerCase().includes(text)),
    )
    .reverse();
}

/** What occurs, in alphabetical order. */
export function occurring(entries: readonly Entry[], field: 'actor' | 'action'): string[] {
  return [...new Set(entries.map((each) => each[field]))].sort();
}

const MOST = 3;

/** A value of the trail in words: tables as `key value`, digests and long lists cut short, nothing as nothing. */
export function written(value: unknown): string {
  if (value === null || value === undefined || value === '') return '';
  if (Array.isArray(value)) {
    const more = value.length > MOST ? ` and ${value.length - MOST} more` : '';
    return value.slice(0, MOST).map(written).join(', ') + more;
  }
  if (typeof value === 'object') {
    return Object.entries(value)
      .map(([key, each]) => [key, each] as const)
      .filter(([, each]) => each !== '' && each !== null)
      .map(([key, each]) => `${key.replaceAll('_', ' ')} ${written(each)}`)
      .join(', ');
  }
  return String(value).replace(/\b([0-9a-f]{8})[0-9a-f]{24,}\b/g, '$1…');
}

/** What changed, old and new. */
export function change(entry: Entry): string {
  const [old, fresh] = [written(entry.old), written(entry.new)];
  if (old && fresh) return `${old} → ${fresh}`;
  return fresh || (old && `${old} → nothing`);
}
