// Where a change that this browser kept meets something newer on the server. A change is sent without a question where
// the server still has what stood there before it, or already has what it says; else the reader decides.

import type { Kept } from './kept';
import { placeKey, sameEntry, UNSCORED, type Entry } from './shapes';

export interface Clash {
  /** Of the place. */
  key: string;
  mine: Entry;
  theirs: Entry;
  kept: Kept[];
}

export interface Sorted {
  send: Kept[];
  clashes: Clash[];
}

export function sortKept(kept: readonly Kept[], server: ReadonlyMap<string, Entry>): Sorted {
  const sorted: Sorted = { send: [], clashes: [] };
  for (const [key, chain] of byPlace(kept)) {
    const theirs = server.get(key) ?? UNSCORED;
    const expected = [...chain.slice(0, 1).map((each) => each.base), ...chain.map((each) => entryOf(each))];
    if (expected.some((each) => sameEntry(each, theirs))) sorted.send.push(...chain);
    else sorted.clashes.push({ key, mine: lastOf(chain), theirs, kept: chain });
  }
  sorted.send.sort((one, other) => one.order - other.order);
  return sorted;
}

export function entryOf(kept: Kept): Entry {
  const { status, grade, reason } = kept.change;
  return { status, grade, reason };
}

function byPlace(kept: readonly Kept[]): Map<string, Kept[]> {
  const places = new Map<string, Kept[]>();
  for (const each of kept) {
    const key = placeKey(each.change);
    places.set(key, [...(places.get(key) ?? []), each]);
  }
  return places;
}

function lastOf(chain: readonly Kept[]): Entry {
  const last = chain.at(-1);
  return last ? entryOf(last) : UNSCORED;
}
