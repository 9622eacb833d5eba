/** A joint moved by an arrow: half a film pixel, five with Shift, in the direction that is seen. */

import { applied, inverse, scaleOf } from './affine';
import type { Board } from './board';
import type { Spot } from './types';
import { onto } from './view';

const STEP_PX = 0.5;
const LARGE_STEP_PX = 5;

/** Where the joint would be, in the active pane or else the first that has it; null where none has. */
export function nudged(
  board: Board,
  active: number,
  name: string,
  dx: number,
  dy: number,
  large: boolean,
): { pane: string; spot: Spot } | null {
  for (const index of [active, ...board.areas.keys()]) {
    const [pane, map] = [board.pane(index), board.mapOf(index)];
    const point = pane?.points?.find((each) => each.name === name);
    if (!pane?.film || !map || !point) continue;
    const long = (large ? LARGE_STEP_PX : STEP_PX) * scaleOf(map);
    const step = applied(inverse({ ...map, e: 0, f: 0 }), { x: dx * long, y: dy * long });
    return { pane: pane.key, spot: onto(pane.film, { x: point.x + step.x, y: point.y + step.y }) };
  }
  return null;
}
