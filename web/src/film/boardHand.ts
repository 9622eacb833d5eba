/** What hands do, done on the board: films moved and windowed, joints chosen, carried and placed. */

import { applied, inverse } from './affine';
import type { Board } from './board';
import type { Hand } from './gestures';
import type { Spot } from './types';
import { isOn, onto } from './view';

/** What a page wants to hear; `canMark` false: joints stay where they are. */
export interface Listener {
  readonly canMark: boolean;
  select(pane: string, name: string): void;
  place(pane: string, spot: Spot): void;
  move(pane: string, name: string, spot: Spot): void;
}

/** CSS pixels around a joint that are the joint's. */
const REACH_PX = { mouse: 11, touch: 24 };

export class BoardHand implements Hand {
  private taken: { pane: number; name: string; spot: Spot } | null = null;

  constructor(
    private readonly board: Board,
    private readonly listener: () => Listener,
  ) {}

  grab(at: Spot, touch: boolean): boolean {
    this.taken = this.listener().canMark ? this.jointAt(at, touch) : null;
    return this.taken !== null;
  }

  carry(by: Spot): void {
    const { board, taken } = this;
    const [map, film] = [taken && board.mapOf(taken.pane), taken && board.pane(taken.pane)?.film];
    if (!taken || !map || !film) return;
    if (!board.held) this.listener().select(board.pane(taken.pane)!.key, taken.name);
    const from = board.held?.spot ?? taken.spot;
    const step = applied(inverse({ ...map, e: 0, f: 0 }), by);
    board.held = { pane: taken.pane, name: taken.name, spot: onto(film, { x: from.x + step.x, y: from.y + step.y }) };
    board.repaint();
  }

  putDown(kept: boolean): void {
    const { held } = this.board;
    this.board.held = null;
    this.taken = null;
    this.board.repaint();
    if (kept && held) this.listener().move(this.board.pane(held.pane)!.key, held.name, held.spot);
  }

  tap(at: Spot, touch: boolean): void {
    const joint = this.jointAt(at, touch);
    if (joint) {
      this.listener().select(this.board.pane(joint.pane)!.key, joint.name);
      return;
    }
    const found = this.board.spotOf(at);
    const pane = found && this.board.stateOf(found.pane).own ? this.board.pane(found.pane) : undefined;
    if (!pane?.film || !this.listener().canMark || !isOn(pane.film, found!.spot)) return;
    this.listener().place(pane.key, found!.spot);
  }

  pan(dx: number, dy: number, at: Spot): void {
    this.board.pan(dx, dy, at);
  }

  zoom(factor: number, at: Spot): void {
    this.board.zoomAt(factor, at);
  }

  window(dx: number, dy: number, at: Spot): void {
    this.board.windowBy(dx, dy, at);
  }

  /** The joint in reach; of several the nearest. */
  jointAt(at: Spot, touch: boolean): { pane: number; name: string; spot: Spot } | null {
    const pane = this.board.indexAt(at);
    const map = this.board.mapOf(pane);
    if (!map || !this.board.showPoints) return null;
    const inPane = this.board.within(pane, at);
    let [best, nearest] = [null as ReturnType<BoardHand['jointAt']>, touch ? REACH_PX.touch : REACH_PX.mouse];
    for (const point of this.board.pointsOf(pane)) {
      const there = applied(map, point);
      const away = Math.hypot(there.x - inPane.x, there.y - inPane.y);
      if (away > nearest) continue;
      [best, nearest] = [{ pane, name: point.name, spot: { x: point.x, y: point.y } }, away];
    }
    return best;
  }
}
