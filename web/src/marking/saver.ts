// Sends steps to the server one after another, in their order, until each is acknowledged. A step stays in the browser
// until then, so that neither a lost connection nor a reload loses it; sent twice it counts once.

import type { Shelf } from './keptSteps';
import type { Marks } from './joints';
import type { Step } from './steps';

export type SavedState = 'saved' | 'saving' | 'offline';

/** A failure that the same step may not meet again. */
export interface Failure {
  readonly passing: boolean;
  readonly problem: string;
}

export interface Wire {
  /** The film's marks as they are with the step. Rejects with a Failure. */
  send(step: Step): Promise<Marks>;
  failureOf(thrown: unknown): Failure;
}

export interface Heard {
  state(state: SavedState, waiting: number): void;
  /** The server has a step; `last` where none of the film's is waiting, so that its marks are the whole truth. */
  saved(step: Step, marks: Marks, last: boolean): void;
  /** The server will not have a step. */
  refused(step: Step, problem: string): void;
  /** The browser cannot keep a step: closing the page now would lose it. */
  unkept(): void;
}

const FIRST_WAIT_MS = 1000;
const LONGEST_WAIT_MS = 15_000;

export class Saver {
  private line: Step[];
  private sending = false;
  private tries = 0;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private stopped = false;

  constructor(
    private readonly shelf: Shelf,
    private readonly wire: Wire,
    private readonly heard: Heard,
  ) {
    this.line = shelf.all();
  }

  /** Steps on their way for a film, in their order. */
  waitingFor(film: string): readonly Step[] {
    return this.line.filter((step) => step.film === film);
  }

  get waiting(): number {
    return this.line.length;
  }

  /** Send what an earlier page left, and whatever comes. */
  start(): void {
    void this.go();
  }

  add(step: Step): void {
    if (!this.shelf.keep(step)) this.heard.unkept();
    this.line.push(step);
    this.tell(this.tries > 0 ? 'offline' : 'saving');
    void this.go();
  }

  /** The connection may be back. */
  hurry(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    void this.go();
  }

  /** Leave what is waiting to the next page. */
  stop(): void {
    this.stopped = true;
    clearTimeout(this.timer);
  }

  private async go(): Promise<void> {
    if (this.sending || this.timer !== undefined || this.stopped) return;
    this.sending = true;
    try {
      for (let step = this.line[0]; step && !this.stopped; step = this.line[0]) {
        this.tell(this.tries > 0 ? 'offline' : 'saving');
        if (!(await this.sent(step))) return;
      }
      this.tell('saved');
    } finally {
      this.sending = false;
    }
  }

  /** Whether to go on with the next step. */
  private async sent(step: Step): Promise<boolean> {
    try {
      const marks = await this.wire.send(step);
      this.tries = 0;
      this.forget(step);
      this.heard.saved(step, marks, this.waitingFor(step.film).length === 0);
      return true;
    } catch (thrown) {
      const failure = this.wire.failureOf(thrown);
      if (failure.passing) {
        this.waitAWhile();
        return false;
      }
      this.tries = 0;
      for (const each of [step, ...this.meantWith(step)]) this.forget(each);
      this.heard.refused(step, failure.problem);
      return true;
    }
  }

  /** Undos and redos behind a refused step: they meant it. Points stand for themselves and are sent. */
  private meantWith(refused: Step): Step[] {
    const isTurn = (step: Step) => step.kind === 'undo' || step.kind === 'redo';
    return isTurn(refused) ? [] : this.waitingFor(refused.film).filter(isTurn);
  }

  private forget(step: Step): void {
    this.line = this.line.filter((each) => each !== step);
    this.shelf.drop(step.change);
  }

  private waitAWhile(): void {
    const wait = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** this.tries);
    this.tries += 1;
    this.tell('offline');
    if (!this.stopped) this.timer = setTimeout(() => this.hurry(), wait);
  }

  private tell(state: SavedState): void {
    this.heard.state(state, this.line.length);
  }
}
