// The audit trail page by page, and its entries in words.

import { api, type Schema } from '$lib/api';

export type Entry = Schema<'EntryShown'>;

const A_PAGE = 1000;

/** A stretch of the trail in its order, up to the end; `whole` where it starts with the first entry. */
export interface Stretch {
  entries: Entry[];
  whole: boolean;
}

/** The end of the trail. */
export async function latest(): Promise<Stretch> {
  const last = await lastNumber();
  return stretch(Math.max(0, last - A_PAGE), []);
}

/** The same stretch with a page more before it. */
export async function earlier(now: Stretch): Promise<Stretch> {
  const first = now.entries[0]?.number ?? 1;
  return stretch(Math.max(0, first - 1 - A_PAGE), now.entries);
}

async function stretch(after: number, known: Entry[]): Promise<Stretch> {
  const entries = (await page(after, A_PAGE)).filter((each) => each.number < (known[0]?.number ?? Infinity));
  return { entries: [...entries, ...known], whole: after === 0 };
}

/** The number of the last entry. Entries are numbered without gaps, so the end is found by halving. */
async function lastNumber(): Promise<number> {
  const isThere = async (number: number) => (await page(number - 1, 1)).length > 0;
  let [there, beyond] = [0, A_PAGE];
  while (await isThere(beyond)) [there, beyond] = [beyond, 2 * beyond];
  while (beyond - there > 1) {
    const middle = Math.floor((there + beyond) / 2);
    if (await isThere(middle)) there = middle;
    else beyond = middle;
  }
  return there;
}

function page(after: number, most: number): Promise<Entry[]> {
  return api.get('/api/audit', { query: { after, most } });
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

/** What changed, old and new; of a score its site and kind, and the grade alone. */
export function change(entry: Entry): string {
  const [kind, , , site, what] = entry.subject.split(':');
  const isScore = kind === 'score' && site && what;
  const [old, fresh] = [entry.old, entry.new].map(isScore ? grade : written) as [string, string];
  const told = old && fresh ? `${old} → ${fresh}` : fresh || (old && `${old} → nothing`);
  return isScore ? `${site} ${what}: ${told}` : told;
}

function grade(score: unknown): string {
  const { status, grade: value, reason } = (score ?? {}) as { status?: string; grade?: number; reason?: string };
  if (status === 'scored') return String(value);
  return [status, reason && `(${reason})`].filter(Boolean).join(' ');
}
