/**
 * The films of one viewer: which are to be loaded next, which are kept.
 *
 * Those shown come first, a quarter of the size before the whole; those to be shown next follow. What has not been shown
 * for longest goes when there is no room.
 */

import { COARSE, type Failed, type FromWorker, type Loaded, type ToWorker } from './messages';
import type { Plane } from './pyramid';
import type { FilmSource, Stage } from './types';
import type { Window } from './window';

/** What is known of a film; `problem` is the server's word where it failed. */
export interface FilmState {
  readonly stage: Stage;
  readonly own: Window | null;
  readonly problem: string;
}

/** What a worker is, to the store. */
export interface Desk {
  postMessage(message: ToWorker, hand?: Transferable[]): void;
  addEventListener(type: 'message', listener: (event: MessageEvent<FromWorker>) => void): void;
  terminate(): void;
}

export interface Keeper {
  readonly takesPlanes: boolean;
  put(film: FilmSource, planes: readonly Plane[]): void;
  drop(film: string): void;
}

export interface Hooks {
  /** A film's stage is another. */
  changed(film: string): void;
  /** Resolved when somebody has signed in again. */
  signedIn(): Promise<void>;
}

interface Entry {
  readonly film: FilmSource;
  stage: Stage;
  own: Window | null;
  problem: string;
  bytes: number;
  used: number;
  tries: number;
  /** Not before this time, in ms. */
  notBefore: number;
}

const AT_A_TIME = 2;
const TRIES = 4;
const FIRST_WAIT_MS = 400;
/** Films of fewer pixels are there at once. */
const SMALL_PX = 500_000;
export const MOST_BYTES = 256 << 20;
export const UNREACHED = 'The server cannot be reached.';
const UNKNOWN: FilmState = { stage: 'loading', own: null, problem: '' };

export class FilmStore {
  private readonly entries = new Map<string, Entry>();
  private readonly loading = new Set<string>();
  private shown: FilmSource[] = [];
  private ahead: FilmSource[] = [];
  private clock = 0;
  private closed = false;

  constructor(
    private readonly desk: Desk,
    private readonly keeper: Keeper,
    private readonly hooks: Hooks,
    private readonly mostBytes = MOST_BYTES,
  ) {
    desk.addEventListener('message', ({ data }) => {
      if (data.kind === 'loaded') this.take(data);
      else if (data.kind === 'failed') this.fail(data);
    });
  }

  of(film: string): FilmState {
    return this.entries.get(film) ?? UNKNOWN;
  }

  /** The films on the board; loads of films that are neither here nor wanted next are broken off. */
  show(films: readonly FilmSource[]): void {
    this.shown = [...films];
    for (const film of films) this.entryOf(film).used = ++this.clock;
    this.breakOff();
    this.go();
  }

  /** Films that are likely to be shown next. */
  preload(films: readonly FilmSource[]): void {
    this.ahead = [...films];
    this.breakOff();
    this.go();
  }

  /** Load films that failed once more. */
  retry(film: string): void {
    const entry = this.entries.get(film);
    if (!entry) return;
    Object.assign(entry, { stage: 'loading', problem: '', tries: 0, notBefore: 0 });
    this.hooks.changed(film);
    this.go();
  }

  /** Everything again: the graphics card has lost it. */
  reload(): void {
    for (const entry of this.entries.values()) Object.assign(entry, { stage: 'loading', bytes: 0 });
    this.go();
  }

  get bytes(): number {
    return [...this.entries.values()].reduce((sum, entry) => sum + entry.bytes, 0);
  }

  close(): void {
    this.closed = true;
    this.desk.terminate();
  }

  private entryOf(film: FilmSource): Entry {
    const fresh = {
      film,
      stage: 'loading',
      own: null,
      problem: '',
      bytes: 0,
      used: 0,
      tries: 0,
      notBefore: 0,
    } as const;
    const found = this.entries.get(film.id) ?? { ...fresh };
    this.entries.set(film.id, found);
    return found;
  }

  private breakOff(): void {
    const wanted = new Set([...this.shown, ...this.ahead].map((film) => film.id));
    for (const film of this.loading) {
      if (wanted.has(film)) continue;
      this.desk.postMessage({ kind: 'cancel', film });
      this.loading.delete(film);
    }
  }

  private go(): void {
    if (this.closed) return;
    while (this.loading.size < AT_A_TIME) {
      const next = this.next();
      if (!next) return;
      this.loading.add(next.film.id);
      const { film, shrink } = next;
      this.desk.postMessage({ kind: 'load', film, shrink, keep: !this.keeper.takesPlanes });
    }
  }

  private next(): { film: FilmSource; shrink: number } | undefined {
    const idle = (film: FilmSource) => {
      const entry = this.entryOf(film);
      return !this.loading.has(film.id) && entry.stage !== 'error' && entry.notBefore <= Date.now();
    };
    const unfinished = this.shown.some((film) => ['loading', 'coarse'].includes(this.of(film.id).stage));
    for (const films of [this.shown.filter(idle), unfinished ? [] : this.ahead.filter(idle)]) {
      const unseen = films.find((film) => this.of(film.id).stage === 'loading');
      if (unseen) return { film: unseen, shrink: unseen.width * unseen.height < SMALL_PX ? 1 : COARSE };
      const unsharp = films.find((film) => this.of(film.id).stage === 'coarse');
      if (unsharp) return { film: unsharp, shrink: 1 };
    }
    return undefined;
  }

  private take(loaded: Loaded): void {
    this.loading.delete(loaded.film);
    const entry = this.entries.get(loaded.film);
    if (!entry || this.closed) return;
    if (this.keeper.takesPlanes) this.keeper.put(entry.film, loaded.planes);
    const stage: Stage = loaded.shrink === 1 ? 'full' : 'coarse';
    // The window stays what it was when the film came into sight: it would jump when the whole film is there.
    Object.assign(entry, { stage, own: entry.own ?? loaded.own, bytes: loaded.bytes, tries: 0, problem: '' });
    this.makeRoom();
    this.hooks.changed(loaded.film);
    this.go();
  }

  private fail({ film, status, problem }: Failed): void {
    this.loading.delete(film);
    const entry = this.entries.get(film);
    if (!entry || this.closed) return;
    if (status === 401) {
      entry.notBefore = Number.POSITIVE_INFINITY;
      void this.hooks.signedIn().then(() => this.again(entry));
    } else if ((status === 0 || status === 429 || status >= 500) && ++entry.tries < TRIES) {
      const wait = FIRST_WAIT_MS * 3 ** (entry.tries - 1);
      entry.notBefore = Date.now() + wait;
      setTimeout(() => this.again(entry), wait);
    } else {
      entry.problem = problem || (status === 0 ? UNREACHED : `The server answered ${status}.`);
      // A film that is there in a quarter of its size stays in sight, with the problem beside it.
      entry.stage = 'error';
      this.hooks.changed(film);
    }
    this.go();
  }

  private again(entry: Entry): void {
    entry.notBefore = 0;
    this.go();
  }

  private makeRoom(): void {
    const shown = new Set(this.shown.map((film) => film.id));
    const kept = [...this.entries.values()].filter((entry) => entry.bytes > 0 && !shown.has(entry.film.id));
    kept.sort((one, other) => one.used - other.used);
    for (const entry of kept) {
      if (this.bytes <= this.mostBytes) return;
      this.keeper.drop(entry.film.id);
      this.entries.delete(entry.film.id);
      this.ahead = this.ahead.filter((film) => film.id !== entry.film.id);
    }
  }
}
