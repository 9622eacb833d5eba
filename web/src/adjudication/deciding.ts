// Taking over what one of two readers said.

import type { Desk } from '../reading/desk.svelte';
import type { Stop } from '../reading/route';
import type { Entry } from '../reading/shapes';
import type { Action } from '../reading/walk';

/** Names that tell nothing: the order of the two is the server's, drawn once a case. */
export const READERS = ['X', 'Y'] as const;

/** Enter what a reader said at the place that is to be decided, and go on. */
export function take(desk: Desk, reader: number): void {
  const action = desk.stop ? takingOver(desk.stop, reader) : null;
  if (action) desk.act(action);
}

/** The action that enters a reader's entry; null where the reader said nothing. */
export function takingOver(stop: Stop, reader: number): Action | null {
  const said = stop.readers?.[reader];
  if (!said || said.status === 'unscored') return null;
  if (said.status === 'scored') return { do: 'grade', grade: said.grade ?? 0 };
  return { do: 'without', status: said.status, reason: said.reason, reach: 'score' };
}

/** Which of the readers an entry agrees with: `X`, `Y`, both or none. */
export function agreesWith(entry: Entry, stop: Stop): string[] {
  return READERS.filter((_, reader) => {
    const said = stop.readers?.[reader];
    return said !== undefined && said.status === entry.status && said.grade === entry.grade;
  });
}
