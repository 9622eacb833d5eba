/**
 * What hands do on the board, told apart: pan, pinch, window, tap, and joints that are taken and put down.
 *
 * Knows pointers and nothing of films; `Hand` carries out. Coordinates are CSS pixels of the board.
 */

import type { Spot } from './types';

export interface Pointer {
  readonly id: number;
  readonly x: number;
  readonly y: number;
  /** 0 left, 1 middle, 2 right. */
  readonly button: number;
  readonly touch: boolean;
}

/** What is carried out. */
export interface Hand {
  /** Whether a joint lies there that may be moved; it is in hand from then on. */
  grab(at: Spot, touch: boolean): boolean;
  carry(by: Spot, at: Spot): void;
  /** Put down for good, or where it was taken if the gesture turned out to be another. */
  putDown(kept: boolean): void;
  tap(at: Spot, touch: boolean): void;
  pan(dx: number, dy: number, at: Spot): void;
  zoom(factor: number, at: Spot): void;
  window(dx: number, dy: number, at: Spot): void;
}

type Doing = 'nothing' | 'pressing' | 'holding' | 'carrying' | 'panning' | 'windowing' | 'pinching';

/** CSS pixels within which a press is a tap. */
const TAP_PX = { mouse: 3, touch: 9 };

export class Gestures {
  private readonly down = new Map<number, Spot>();
  private doing: Doing = 'nothing';
  private from: Spot = { x: 0, y: 0 };
  /** A drag with the left button or one finger pans, or sets the window. */
  tool: 'pan' | 'window' = 'pan';
  /** Space is held: a drag pans, whatever lies there. */
  onlyPan = false;

  constructor(private readonly hand: Hand) {}

  get busy(): boolean {
    return this.down.size > 0;
  }

  press(pointer: Pointer): void {
    this.down.set(pointer.id, pointer);
    if (this.down.size === 2) this.beginPinch();
    if (this.down.size > 1) return;
    this.from = { x: pointer.x, y: pointer.y };
    this.doing = this.begun(pointer);
  }

  move(pointer: Pointer): void {
    const last = this.down.get(pointer.id);
    if (!last) return;
    if (this.doing === 'pinching') this.pinch(pointer);
    this.down.set(pointer.id, pointer);
    if (this.doing === 'pinching') return;
    if (this.doing === 'pressing' || this.doing === 'holding') this.beginDrag(pointer);
    else this.drag(pointer.x - last.x, pointer.y - last.y, pointer);
  }

  release(pointer: Pointer): void {
    if (!this.down.delete(pointer.id)) return;
    if (this.doing === 'carrying') this.hand.putDown(true);
    if (this.doing === 'holding') this.hand.putDown(false);
    if (this.doing === 'pressing' || this.doing === 'holding') this.hand.tap(this.from, pointer.touch);
    // One finger of two lifted: the other one goes on panning.
    this.doing = this.doing === 'pinching' && this.down.size === 1 ? 'panning' : 'nothing';
  }

  cancel(pointer: Pointer): void {
    if (!this.down.delete(pointer.id)) return;
    if (this.doing === 'carrying' || this.doing === 'holding') this.hand.putDown(false);
    this.doing = 'nothing';
  }

  private begun(pointer: Pointer): Doing {
    if (pointer.button === 2) return 'windowing';
    if (pointer.button === 1 || this.onlyPan) return 'panning';
    if (this.hand.grab(this.from, pointer.touch)) return 'holding';
    return 'pressing';
  }

  private beginDrag(pointer: Pointer): void {
    const [dx, dy] = [pointer.x - this.from.x, pointer.y - this.from.y];
    if (Math.hypot(dx, dy) < (pointer.touch ? TAP_PX.touch : TAP_PX.mouse)) return;
    this.doing = this.doing === 'holding' ? 'carrying' : this.tool === 'window' ? 'windowing' : 'panning';
    this.drag(dx, dy, pointer);
  }

  private drag(dx: number, dy: number, at: Spot): void {
    if (this.doing === 'carrying') this.hand.carry({ x: dx, y: dy }, { x: at.x, y: at.y });
    else if (this.doing === 'panning') this.hand.pan(dx, dy, this.from);
    else if (this.doing === 'windowing') this.hand.window(dx, dy, this.from);
  }

  private beginPinch(): void {
    if (this.doing === 'carrying' || this.doing === 'holding') this.hand.putDown(false);
    this.doing = 'pinching';
  }

  private pinch(pointer: Pointer): void {
    const before = pairOf(this.down);
    const now = pairOf(new Map(this.down).set(pointer.id, pointer));
    this.hand.pan(now.x - before.x, now.y - before.y, this.from);
    if (before.apart > 0) this.hand.zoom(now.apart / before.apart, { x: now.x, y: now.y });
  }
}

/** Zoom of one turn of the wheel; trackpads tell finer steps, and pinches on them as turns with Ctrl held. */
export function wheelFactor(event: { deltaY: number; deltaMode: number; ctrlKey: boolean }): number {
  const pixels = event.deltaY * (event.deltaMode === 1 ? 16 : event.deltaMode === 2 ? 400 : 1);
  const bounded = Math.max(-200, Math.min(200, pixels));
  return Math.exp(-bounded * (event.ctrlKey ? 0.01 : 0.0016));
}

function pairOf(down: Map<number, Spot>): { x: number; y: number; apart: number } {
  const [one, other] = [...down.values()] as [Spot, Spot];
  return {
    x: (one.x + other.x) / 2,
    y: (one.y + other.y) / 2,
    apart: Math.hypot(one.x - other.x, one.y - other.y),
  };
}
