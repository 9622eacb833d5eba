// Changes that the server has not acknowledged yet, kept in the browser: one item for each, so that two windows of one
// reading cannot overwrite each other's. Items hold a film's identifier and a grade, nothing of the patient.

import type { Entry, ScoreChange } from './shapes';

/** A change on its way; `base` is what stood there before it, `order` when it was made. */
export interface Kept {
  reading: string;
  order: number;
  base: Entry;
  change: ScoreChange;
}

export interface Keeper {
  /** This reading's, in the order in which they were made. */
  all(): Kept[];
  /** False where the browser has no room: the change is in memory only. */
  keep(kept: Kept): boolean;
  drop(changes: readonly string[]): void;
}

type Shelf = Pick<Storage, 'length' | 'key' | 'getItem' | 'setItem' | 'removeItem'>;

const PREFIX = 'opensvh.unsaved';

/** The unsaved changes of one person's reading; `shelf` is `localStorage` but in tests. */
export function keeperOf(account: string, reading: string, shelf: Shelf): Keeper {
  const prefix = `${PREFIX}.${account}.${reading}.`;
  return {
    all: () => itemsOf(shelf, prefix),
    keep: (kept) => {
      try {
        shelf.setItem(prefix + kept.change.change, JSON.stringify(kept));
        return true;
      } catch {
        return false; // full, or switched off
      }
    },
    drop: (changes) => {
      for (const change of changes) shelf.removeItem(prefix + change);
    },
  };
}

/** How many changes each of a person's readings still has in this browser, by the reading's identifier. */
export function unsavedByReading(account: string, shelf: Shelf): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { reading } of itemsOf(shelf, `${PREFIX}.${account}.`))
    counts.set(reading, (counts.get(reading) ?? 0) + 1);
  return counts;
}

function itemsOf(shelf: Shelf, prefix: string): Kept[] {
  const found: Kept[] = [];
  for (let index = 0; index < shelf.length; index++) {
    const key = shelf.key(index);
    const kept = key?.startsWith(prefix) ? parsed(shelf.getItem(key)) : null;
    if (kept) found.push(kept);
  }
  return found.sort((one, other) => one.order - other.order);
}

function parsed(text: string | null): Kept | null {
  try {
    const kept = JSON.parse(text ?? '') as Partial<Kept>;
    return kept.reading && kept.change?.change && kept.base ? (kept as Kept) : null;
  } catch {
    return null; // cut off by a crash of the browser while it wrote
  }
}
