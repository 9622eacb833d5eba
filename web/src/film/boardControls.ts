/** Mouse, fingers, wheel and keys, listened to on the board's element and done on the board. */

import type { Board } from './board';
import { BoardHand, type Listener } from './boardHand';
import type { Actions } from './filmKeys';
import { Gestures, wheelFactor, type Pointer } from './gestures';
import { nudged } from './nudge';
import type { Spot } from './types';
import { mirroredNow, panned, quarterTurned } from './view';
import { adjustedBy } from './window';

/** What the viewer tells, and wants to hear, beyond joints. */
export interface Controlled extends Listener {
  readonly selected: string | null;
  nudge(pane: string, name: string, spot: Spot): void;
  /** The pane that was touched last: tools and keys mean it. */
  active(index: number): void;
  magnifying(on: boolean): void;
}

const PAN_STEP_PX = 40;
const LARGE_STEPS = 4;
const WINDOW_STEP = { narrower: 0.15, level: 0.06 };

export class BoardControls implements Actions {
  readonly gestures: Gestures;
  private readonly hand: BoardHand;
  private cursor: Spot | null = null;
  private pane = 0;
  private isMagnifying = false;

  constructor(
    private readonly board: Board,
    private readonly host: HTMLElement,
    private readonly viewer: () => Controlled,
  ) {
    this.hand = new BoardHand(board, viewer);
    this.gestures = new Gestures(this.hand);
  }

  /** Begin to listen; the answer ends it. */
  listen(): () => void {
    const stop = new AbortController();
    const { signal } = stop;
    const on = <K extends keyof HTMLElementEventMap>(kind: K, run: (event: HTMLElementEventMap[K]) => void) =>
      // A passive listener to wheels could not keep the page from scrolling.
      this.host.addEventListener(kind, run, { signal, passive: false });
    on('pointerdown', (event) => this.press(event));
    on('pointermove', (event) => this.move(event));
    on('pointerup', (event) => this.gestures.release(this.pointerOf(event)));
    on('pointercancel', (event) => this.gestures.cancel(this.pointerOf(event)));
    on('pointerleave', () => (this.cursor = null));
    on('contextmenu', (event) => event.preventDefault());
    on('wheel', (event) => this.wheel(event));
    addEventListener('keyup', (event) => this.letGo(event.key), { signal });
    addEventListener('blur', () => ['m', ' '].forEach((key) => this.letGo(key)), { signal });
    return () => stop.abort();
  }

  zoom(factor: number): void {
    this.board.zoomAt(factor, this.cursor ?? this.middle());
  }

  /** Around the middle, wherever the cursor is: for buttons. */
  zoomMiddle(factor: number): void {
    this.board.zoomAt(factor, this.middle());
  }

  fit(): void {
    this.board.fit(this.pane);
  }

  reset(): void {
    this.board.goHome();
    this.board.resetWindows();
  }

  invert(): void {
    this.board.adjust(this.pane, (now) => ({ ...now, inverted: !now.inverted }));
  }

  turn(quarters: number): void {
    this.board.move(this.pane, (motion) => quarterTurned(motion, quarters));
  }

  mirror(): void {
    this.board.move(this.pane, mirroredNow);
  }

  window(narrower: number, brighter: number): void {
    const [level, octaves] = [-brighter * WINDOW_STEP.level, narrower * WINDOW_STEP.narrower];
    this.board.adjust(this.pane, (now) => adjustedBy(now, level, octaves));
  }

  magnify(held: boolean): void {
    if (held === this.isMagnifying) return;
    this.isMagnifying = held;
    this.board.lensAt = held ? (this.cursor ?? this.middle()) : null;
    this.board.repaint();
    this.viewer().magnifying(held);
  }

  grip(held: boolean): void {
    this.gestures.onlyPan = held;
    this.host.classList.toggle('grip', held);
  }

  step(dx: number, dy: number, large: boolean): void {
    const { canMark, selected, nudge } = this.viewer();
    const found = canMark && selected !== null ? nudged(this.board, this.pane, selected, dx, dy, large) : null;
    const by = -PAN_STEP_PX * (large ? LARGE_STEPS : 1);
    if (found && selected !== null) nudge(found.pane, selected, found.spot);
    else this.board.move(this.pane, (motion) => panned(motion, dx * by, dy * by));
  }

  private press(event: PointerEvent): void {
    if ((event.target as Element).closest('button')) return;
    const pointer = this.pointerOf(event);
    const index = this.board.indexAt(pointer);
    if (index >= 0 && index !== this.pane) {
      this.pane = index;
      this.viewer().active(index);
    }
    this.host.setPointerCapture(event.pointerId);
    this.gestures.press(pointer);
  }

  private move(event: PointerEvent): void {
    const pointer = this.pointerOf(event);
    this.cursor = pointer;
    this.gestures.move(pointer);
    if (!this.isMagnifying) return;
    this.board.lensAt = pointer;
    this.board.repaint();
  }

  private wheel(event: WheelEvent): void {
    event.preventDefault();
    const box = this.host.getBoundingClientRect();
    this.board.zoomAt(wheelFactor(event), { x: event.clientX - box.left, y: event.clientY - box.top });
  }

  private letGo(key: string): void {
    if (key === 'm' || key === 'M') this.magnify(false);
    if (key === ' ') this.grip(false);
  }

  private middle(): Spot {
    const area = this.board.areas[this.pane] ?? { x: 0, y: 0, width: 0, height: 0 };
    return { x: area.x + area.width / 2, y: area.y + area.height / 2 };
  }

  private pointerOf(event: PointerEvent): Pointer {
    const box = this.host.getBoundingClientRect();
    const [x, y] = [event.clientX - box.left, event.clientY - box.top];
    return { id: event.pointerId, x, y, button: event.button, touch: event.pointerType !== 'mouse' };
  }
}
