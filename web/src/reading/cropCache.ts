// Close views in memory, fetched before they are needed, so that the next joint is there with the digit that leaves the
// last one. What the reader looks at goes before what comes next.

export interface Levels {
  data: Uint16Array;
  width: number;
  height: number;
}

export type Fetch = (url: string, signal: AbortSignal) => Promise<Levels>;

interface Waiting {
  url: string;
  resolve: (levels: Levels) => void;
  reject: (failure: unknown) => void;
}

const MOST_AT_ONCE = 4;
const MOST_KEPT = 160; // 560 x 560 x 2 bytes each: 100 MB, and all of a patient's at two visits

export class CropCache {
  private readonly kept = new Map<string, Levels>();
  private readonly asked = new Map<string, Promise<Levels>>();
  private urgent: Waiting[] = [];
  private ahead: Waiting[] = [];
  private running = 0;
  private readonly stopping = new AbortController();

  constructor(private readonly fetch: Fetch) {}

  /** The view if it is here already. */
  ready(url: string): Levels | undefined {
    return this.kept.get(url);
  }

  /** The view, as soon as may be. */
  get(url: string): Promise<Levels> {
    const kept = this.kept.get(url);
    if (kept) return Promise.resolve(this.used(url, kept));
    this.hurry(url);
    return this.asked.get(url) ?? this.ask(url, this.urgent);
  }

  /** What will be looked at next, nearest first; what was wished for before and has not begun is forgotten. */
  prefetch(urls: readonly string[]): void {
    for (const { url, reject } of this.ahead.splice(0)) {
      this.asked.delete(url);
      reject(new Error('no longer wanted'));
    }
    for (const url of urls) {
      if (!this.kept.has(url) && !this.asked.has(url)) this.ask(url, this.ahead).catch(() => undefined);
    }
  }

  /** The page is left. */
  stop(): void {
    this.prefetch([]);
    this.stopping.abort();
    this.kept.clear();
  }

  private ask(url: string, line: Waiting[]): Promise<Levels> {
    const promise = new Promise<Levels>((resolve, reject) => line.push({ url, resolve, reject }));
    this.asked.set(url, promise);
    this.run();
    return promise;
  }

  /** What was to be fetched ahead is wanted now. */
  private hurry(url: string): void {
    const found = this.ahead.find((each) => each.url === url);
    if (!found) return;
    this.ahead = this.ahead.filter((each) => each !== found);
    this.urgent.push(found);
  }

  private run(): void {
    while (this.running < MOST_AT_ONCE) {
      const next = this.urgent.shift() ?? this.ahead.shift();
      if (!next) return;
      this.running += 1;
      void this.fetched(next);
    }
  }

  private async fetched({ url, resolve, reject }: Waiting): Promise<void> {
    try {
      const levels = await this.fetch(url, this.stopping.signal);
      resolve(this.used(url, levels));
    } catch (failure) {
      reject(failure);
    } finally {
      this.asked.delete(url);
      this.running -= 1;
      this.run();
    }
  }

  private used(url: string, levels: Levels): Levels {
    this.kept.delete(url);
    this.kept.set(url, levels);
    const oldest = this.kept.keys().next();
    if (this.kept.size > MOST_KEPT && !oldest.done) this.kept.delete(oldest.value);
    return levels;
  }
}
