// Steps that the server has not acknowledged, kept in the browser: an item for each, so that two windows do not write
// over each other's. Items hold a film's identifier and points, nothing of a patient.

import type { Step } from './steps';

export interface Shelf {
  /** A person's steps in the order in which they were made. */
  all(): Step[];
  /** False where the browser has no room: the step is in memory only. */
  keep(step: Step): boolean;
  drop(change: string): void;
}

type Box = Pick<Storage, 'length' | 'key' | 'getItem' | 'setItem' | 'removeItem'>;

const PREFIX = 'opensvh.marking';

/** The steps of one account; `box` is `localStorage` but in tests. */
export function shelfOf(account: string, box: Box): Shelf {
  const prefix = `${PREFIX}.${account}.`;
  return {
    all: () => stepsIn(box, prefix),
    keep: (step) => {
      try {
        box.setItem(prefix + step.change, JSON.stringify(step));
        return true;
      } catch {
        return false; // full, or switched off
      }
    },
    drop: (change) => box.removeItem(prefix + change),
  };
}

function stepsIn(box: Box, prefix: string): Step[] {
  const keys = Array.from({ length: box.length }, (_, index) => box.key(index)).filter((key) =>
    key?.startsWith(prefix),
  );
  const steps = keys.flatMap((key) => parsed(box.getItem(key!)) ?? []);
  return steps.sort((one, other) => one.order - other.order);
}

function parsed(text: string | null): Step | null {
  try {
    const step = JSON.parse(text ?? '') as Partial<Step>;
    return step.film && step.change && step.kind ? (step as Step) : null;
  } catch {
    return null; // cut off when the browser ended while it wrote
  }
}
