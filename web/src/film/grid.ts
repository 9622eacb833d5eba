/** Where panes stand on the board, in whole CSS pixels. */

import type { Area } from './painter';
import type { Size } from './view';

const GAP = 2;

/** Areas of panes, row by row; without `columns` in one row, or one column on a board higher than wide. */
export function gridOf(panes: number, board: Size, columns?: number): Area[] {
  const across = Math.max(1, Math.min(panes, columns ?? (board.width >= board.height ? panes : 1)));
  const down = Math.max(1, Math.ceil(panes / across));
  const xs = cutsOf(across, board.width);
  const ys = cutsOf(down, board.height);
  return Array.from({ length: panes }, (_, index) => {
    const [left, top] = [xs[index % across]!, ys[Math.floor(index / across)]!];
    return { x: left.from, y: top.from, width: left.long, height: top.long };
  });
}

/** Which pane lies there: its index, -1 between panes. */
export function paneAt(areas: readonly Area[], x: number, y: number): number {
  return areas.findIndex((area) => x >= area.x && y >= area.y && x < area.x + area.width && y < area.y + area.height);
}

function cutsOf(parts: number, whole: number): { from: number; long: number }[] {
  const each = (whole - GAP * (parts - 1)) / parts;
  return Array.from({ length: parts }, (_, index) => {
    const from = Math.round(index * (each + GAP));
    return { from, long: Math.max(1, Math.round(index * (each + GAP) + each) - from) };
  });
}
