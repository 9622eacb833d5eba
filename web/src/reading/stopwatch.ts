// How long a reader looks at each site. Time counts while the page is seen; of a pause without any key or pointer only
// the first `IDLE_S` seconds do. Seconds stay on this machine.

export const IDLE_S = 60;

export interface Timings {
  /** Seconds by the number of the step. */
  steps: Record<number, number>;
}

export class Stopwatch {
  private readonly steps: Map<number, number>;
  private current = -1;
  private since: number | null = null;

  /** `now` tells milliseconds. */
  constructor(
    private readonly now: () => number,
    kept: Timings = { steps: {} },
  ) {
    this.steps = new Map(Object.entries(kept.steps).map(([step, seconds]) => [Number(step), seconds]));
  }

  /** The reader is at this step, and did something just now. */
  at(step: number): void {
    this.count();
    this.current = step;
    this.since = this.now();
  }

  /** The page is out of sight. */
  pause(): void {
    this.count();
    this.since = null;
  }

  /** The page is in sight again. */
  resume(): void {
    this.since = this.now();
  }

  /** Seconds at one step. */
  seconds(step: number): number {
    return (this.steps.get(step) ?? 0) + (step === this.current ? this.running() : 0);
  }

  total(): number {
    return [...this.steps.values()].reduce((sum, seconds) => sum + seconds, 0) + this.running();
  }

  kept(): Timings {
    this.count();
    if (this.since !== null) this.since = this.now();
    return { steps: Object.fromEntries(this.steps) };
  }

  private running(): number {
    if (this.since === null || this.current < 0) return 0;
    return Math.min(IDLE_S, Math.max(0, (this.now() - this.since) / 1000));
  }

  private count(): void {
    const seconds = this.running();
    if (seconds > 0) this.steps.set(this.current, (this.steps.get(this.current) ?? 0) + seconds);
  }
}

/** `4:07`. */
export function minutesAndSeconds(seconds: number): string {
  const whole = Math.floor(seconds);
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, '0')}`;
}

/** Seconds at a site in the middle, over the sites at which there was any time; null where there was none. */
export function medianSeconds(timings: Timings): number | null {
  const sorted = Object.values(timings.steps)
    .filter((seconds) => seconds > 0)
    .sort((one, other) => one - other);
  const half = Math.floor(sorted.length / 2);
  if (sorted.length === 0) return null;
  return sorted.length % 2 ? (sorted[half] ?? null) : ((sorted[half - 1] ?? 0) + (sorted[half] ?? 0)) / 2;
}
