/** Where joints' names stand: beside their joints, over none of them and over no other name. */

import type { Spot } from './types';

export interface Named {
  readonly at: Spot;
  readonly width: number;
}

interface Box {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

export const LABEL_HEIGHT = 17;
/** Half the side of what no name may cover, around each joint. */
const KEPT_FREE = 11;
const DISTANCES = [18, 30, 44];
const DIRECTIONS = 16;

/**
 * The upper left corner of each name relative to its joint, null where it finds no room. Names stand outwards of the
 * joints' middle where they can; `first` is placed before the others.
 */
export function labelsOf(named: readonly Named[], first = -1): (Spot | null)[] {
  const middle = middleOf(named.map((each) => each.at));
  const joints = named.map(({ at }) => around(at, KEPT_FREE));
  const taken: Box[] = [];
  const places: (Spot | null)[] = named.map(() => null);
  const order = [...named.keys()].sort((one, other) => Number(other === first) - Number(one === first));
  for (const index of order) {
    const { at, width } = named[index]!;
    const free = candidates(at, middle, width).find((box) => ![...joints, ...taken].some((other) => meet(box, other)));
    if (!free) continue;
    taken.push(free);
    places[index] = { x: free.left - at.x, y: free.top - at.y };
  }
  return places;
}

/** Boxes around a joint, those outwards first. */
function candidates(at: Spot, middle: Spot, width: number): Box[] {
  const outwards = Math.atan2(at.y - middle.y, at.x - middle.x);
  const turns = Array.from({ length: DIRECTIONS }, (_, index) => Math.ceil(index / 2) * (index % 2 ? 1 : -1));
  return DISTANCES.flatMap((distance) =>
    turns.map((turn) => boxAt(at, outwards + (turn * 2 * Math.PI) / DIRECTIONS, distance, width)),
  );
}

/** A box whose near edge is `distance` away in a direction. */
function boxAt(at: Spot, angle: number, distance: number, width: number): Box {
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
  const x = at.x + cos * (distance + width / 2) - width / 2;
  const y = at.y + sin * (distance + LABEL_HEIGHT / 2) - LABEL_HEIGHT / 2;
  return { left: x, top: y, right: x + width, bottom: y + LABEL_HEIGHT };
}

function meet(one: Box, other: Box): boolean {
  return one.left < other.right && other.left < one.right && one.top < other.bottom && other.top < one.bottom;
}

function around({ x, y }: Spot, half: number): Box {
  return { left: x - half, top: y - half, right: x + half, bottom: y + half };
}

function middleOf(spots: readonly Spot[]): Spot {
  const sum = spots.reduce((all, { x, y }) => ({ x: all.x + x, y: all.y + y }), { x: 0, y: 0 });
  return { x: sum.x / Math.max(1, spots.length), y: sum.y / Math.max(1, spots.length) };
}
