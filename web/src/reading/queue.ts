// Saving: every change goes out at once, in order, and stays in the browser until the server has said that it is on the
// disk. A lost connection is tried again with growing pauses; a change that the server refuses is shown, not lost.

import type { Keeper, Kept } from './kept';
import type { Saved, ScoreChange } from './shapes';

/** `saved`: nothing is on its way. `waiting`: until `retryAt`, since the server could not be reached. */
export interface QueueState {
  phase: 'saved' | 'sending' | 'waiting';
  /** Changes that the server has not acknowledged. */
  unsaved: number;
  problem: string;
  retryAt: number | null;
  /** Changes that the server will not take, each with its reason. */
  refused: readonly { kept: Kept; problem: string }[];
  /** False once the browser could not keep a change: leaving the page would lose it. */
  isKept: boolean;
}

export interface Line {
  /** Resolves once the changes are on the server's disk; rejects with a failure that `passes` can judge. */
  send(changes: ScoreChange[]): Promise<Saved>;
  /** Whether the same changes may be taken later. */
  passes(failure: unknown): boolean;
  inWords(failure: unknown): string;
  now(): number;
  later(run: () => void, ms: number): () => void;
}

export interface Listener {
  state(state: QueueState): void;
  /** `changes` are on the server's disk; `kept` says what each was. */
  saved(kept: readonly Kept[], answer: Saved): void;
}

export const MOST_AT_ONCE = 100;
const PAUSES_MS = [500, 1000, 2000, 4000, 8000, 15_000];

export class SaveQueue {
  private readonly waiting: Kept[] = [];
  private refused: { kept: Kept; problem: string }[] = [];
  private sending: Kept[] = [];
  private failures = 0;
  private oneByOne = false;
  private isKept = true;
  private stopped = false;
  private problem = '';
  private retryAt: number | null = null;
  private cancelRetry: (() => void) | null = null;

  constructor(
    private readonly keeper: Keeper,
    private readonly line: Line,
    private readonly listener: Listener,
  ) {}

  /** Keep changes in the browser and send them. */
  push(changes: readonly Kept[]): void {
    for (const kept of changes) if (!this.keeper.keep(kept)) this.isKept = false;
    this.again(changes);
  }

  /** Send changes that are kept already. */
  again(changes: readonly Kept[]): void {
    this.waiting.push(...changes);
    this.tell();
    if (this.retryAt === null) this.go();
  }

  /** Try at once: the connection is back, or the reader asks for it. */
  wake(): void {
    this.cancelRetry?.();
    this.cancelRetry = null;
    this.retryAt = null;
    this.go();
  }

  /** Try what was refused once more. */
  retryRefused(): void {
    const again = this.refused.map(({ kept }) => kept);
    this.refused = [];
    this.again(again);
  }

  /** Give up what was refused: it leaves the browser. */
  dropRefused(): readonly Kept[] {
    const dropped = this.refused.map(({ kept }) => kept);
    this.keeper.drop(dropped.map(({ change }) => change.change));
    this.refused = [];
    this.tell();
    return dropped;
  }

  /** Whether a place has a change that is not acknowledged. */
  holds(isIt: (change: ScoreChange) => boolean): boolean {
    return [...this.sending, ...this.waiting].some(({ change }) => isIt(change));
  }

  /** The page is left: what is unsaved stays in the browser for the next time. */
  stop(): void {
    this.stopped = true;
    this.cancelRetry?.();
  }

  private go(): void {
    if (this.stopped || this.sending.length > 0 || this.waiting.length === 0) return;
    this.sending = this.waiting.splice(0, this.oneByOne ? 1 : MOST_AT_ONCE);
    this.tell();
    const batch = this.sending;
    this.line.send(batch.map(({ change }) => change)).then(
      (answer) => this.acknowledged(batch, answer),
      (failure: unknown) => this.failed(batch, failure),
    );
  }

  private acknowledged(batch: readonly Kept[], answer: Saved): void {
    this.keeper.drop(batch.map(({ change }) => change.change));
    this.sending = [];
    this.failures = 0;
    this.problem = '';
    if (this.waiting.length === 0) this.oneByOne = false;
    if (!this.stopped) {
      this.tell();
      this.listener.saved(batch, answer);
    }
    this.go();
  }

  private failed(batch: readonly Kept[], failure: unknown): void {
    this.sending = [];
    const problem = this.line.inWords(failure);
    if (this.line.passes(failure)) this.postpone(batch, problem);
    else if (batch.length > 1) {
      this.waiting.unshift(...batch); // all or none are taken: one by one tells which
      this.oneByOne = true;
    } else this.refused.push(...batch.map((kept) => ({ kept, problem })));
    this.tell();
    if (this.retryAt === null) this.go();
  }

  private postpone(batch: readonly Kept[], problem: string): void {
    this.waiting.unshift(...batch);
    if (this.stopped) return;
    this.problem = problem;
    const pause = PAUSES_MS[Math.min(this.failures, PAUSES_MS.length - 1)] ?? 0;
    this.failures += 1;
    this.retryAt = this.line.now() + pause;
    this.cancelRetry = this.line.later(() => this.wake(), pause);
  }

  private tell(): void {
    if (this.stopped) return;
    const unsaved = this.sending.length + this.waiting.length;
    this.listener.state({
      phase: this.retryAt !== null ? 'waiting' : unsaved > 0 ? 'sending' : 'saved',
      unsaved,
      problem: this.problem,
      retryAt: this.retryAt,
      refused: [...this.refused],
      isKept: this.isKept,
    });
  }
}
