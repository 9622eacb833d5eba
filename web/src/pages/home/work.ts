// One's own work in the order in which it is best done.

import type { Schema } from '$lib/api';

export type Reading = Schema<'ReadingListed'>;

export interface Group {
  study: string;
  role: string;
  open: Reading[];
  committed: Reading[];
  entered: number;
  wanted: number;
}

/** Readings by study and role; the server's order stays. */
export function grouped(readings: readonly Reading[]): Group[] {
  const groups = new Map<string, Group>();
  for (const each of readings) {
    const key = `${each.role} ${each.study}`;
    const group = groups.get(key) ?? {
      study: each.study,
      role: each.role,
      open: [],
      committed: [],
      entered: 0,
      wanted: 0,
    };
    (each.state === 'committed' ? group.committed : group.open).push(each);
    group.entered += each.entered;
    group.wanted += each.wanted;
    groups.set(key, group);
  }
  return [...groups.values()];
}

/** What to go on with: a reading that was begun, else the next one, readings before adjudications. */
export function nextReading(readings: readonly Reading[]): Reading | null {
  const open = readings.filter((each) => each.state === 'open');
  const begun = open.find((each) => each.entered > 0);
  return begun ?? open.find((each) => each.role === 'reader') ?? open[0] ?? null;
}

/** Where a reading is opened. */
export function addressOf(reading: Reading): string {
  return reading.role === 'adjudicator' ? `/adjudications/${reading.id}` : `/readings/${reading.id}`;
}

/** What the button says. */
export function verb(reading: Reading): string {
  if (reading.state === 'committed') return 'View';
  if (reading.entered > 0) return 'Continue';
  return reading.role === 'adjudicator' ? 'Adjudicate' : 'Read';
}
