// Where a reader was and how long each site took, for the next time this browser opens the reading.

import type { Timings } from './stopwatch';

export interface Remembered {
  /** Key of the place. */
  at: string;
  timings: Timings;
}

export function remember(account: string, reading: string, what: Remembered, shelf: Storage): void {
  try {
    shelf.setItem(nameOf(account, reading), JSON.stringify(what));
  } catch {
    // Without room the reading begins at its first unscored site, and its clock at 0.
  }
}

export function recall(account: string, reading: string, shelf: Storage): Remembered {
  try {
    const found = JSON.parse(shelf.getItem(nameOf(account, reading)) ?? '') as Partial<Remembered>;
    return { at: found.at ?? '', timings: { steps: found.timings?.steps ?? {} } };
  } catch {
    return { at: '', timings: { steps: {} } };
  }
}

function nameOf(account: string, reading: string): string {
  return `opensvh.walk.${account}.${reading}`;
}
