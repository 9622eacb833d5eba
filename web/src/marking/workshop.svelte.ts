// What the marking page works on: the queue, the film that is open, and the line of steps to the server.

import { api, problemOf } from '$lib/api';
import { toast } from '$lib/toast.svelte';
import { settled } from './joints';
import { FilmMarking, type FilmMarked } from './filmMarking.svelte';
import { shelfOf } from './keptSteps';
import { withFilm, type Queued } from './queue';
import { Saver, type SavedState } from './saver';
import type { Step } from './steps';
import { wire } from './wire';

const LOOK_AGAIN_MS = 4000;
const UNKEPT = 'This browser keeps nothing: steps that are not saved yet are lost if you close the page.';

export class Workshop {
  films = $state.raw<readonly Queued[] | null>(null);
  open = $state.raw<FilmMarking | null>(null);
  /** Why the queue, or the film, is not there. */
  queueProblem = $state<string | null>(null);
  filmProblem = $state<string | null>(null);
  saved = $state<SavedState>('saved');
  waiting = $state(0);
  private readonly saver: Saver;
  private wanted: string | null = null;
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(account: string) {
    this.saver = new Saver(shelfOf(account, localStorage), wire, {
      state: (state, waiting) => {
        this.saved = state;
        this.waiting = waiting;
      },
      saved: (step, marks, last) => last && this.open?.film.id === step.film && this.open.adopt(marks),
      refused: (step, problem) => this.refused(step, problem),
      unkept: () => toast(UNKEPT, 'bad'),
    });
  }

  start(): void {
    this.saver.start();
    void this.loadQueue();
  }

  stop(): void {
    this.open?.settle();
    this.saver.stop();
    clearTimeout(this.timer);
  }

  /** The connection may be back. */
  hurry(): void {
    this.saver.hurry();
  }

  async loadQueue(): Promise<void> {
    clearTimeout(this.timer);
    try {
      this.films = this.withWaiting(await api.get('/api/marking'));
      this.queueProblem = null;
    } catch (failure) {
      if (!this.films) this.queueProblem = problemOf(failure);
    }
    if (this.films?.some((film) => film.proposal === 'wanted')) {
      this.timer = setTimeout(() => void this.lookAgain(), LOOK_AGAIN_MS);
    }
  }

  /** Open a film; of two asked for one after another the later one counts. */
  async openFilm(id: string): Promise<void> {
    this.open?.settle();
    if (this.wanted === id && this.open?.film.id === id) return;
    this.wanted = id;
    this.filmProblem = null;
    try {
      const shown = await api.get('/api/marking/films/{film_id}', { path: { film_id: id } });
      if (this.wanted === id) this.take(shown);
    } catch (failure) {
      if (this.wanted !== id) return;
      this.open = null;
      this.filmProblem = problemOf(failure);
    }
  }

  /** A film's address and size, without opening it; null where it cannot be had now. */
  async sourceOf(id: string): Promise<FilmMarked['film'] | null> {
    try {
      return await api.get('/api/films/{film_id}', { path: { film_id: id } });
    } catch {
      return null; // it is loaded when it is opened, and what is wrong is told then
    }
  }

  /** The film from the server once more. */
  async reopen(): Promise<void> {
    const id = this.wanted;
    this.wanted = null;
    if (id) await this.openFilm(id);
  }

  /** How far the open film is, for the queue beside it. */
  note(): void {
    const { open, films } = this;
    if (open && films) this.films = withFilm(films, open.film.id, settled(open.joints), open.done);
  }

  private take(shown: FilmMarked): void {
    this.open = new FilmMarking(shown, this.saver.waitingFor(shown.film.id), (step) => this.saver.add(step));
  }

  /** Proposals come while somebody marks; the order stays as it is, so that nothing moves under the hand. */
  private async lookAgain(): Promise<void> {
    const before = this.films?.find((film) => film.film === this.wanted)?.proposal;
    await this.loadQueue();
    const now = this.films?.find((film) => film.film === this.wanted)?.proposal;
    const untouched = this.open && Object.keys(this.open.marks).length === 0;
    if (before === 'wanted' && now === 'done' && untouched) await this.reopen();
  }

  private withWaiting(fresh: readonly Queued[]): readonly Queued[] {
    const places = new Map(this.films?.map((film, index) => [film.film, index]));
    const kept = (film: Queued) => places.get(film.film) ?? Number.MAX_SAFE_INTEGER;
    const ordered = this.films ? [...fresh].sort((one, other) => kept(one) - kept(other)) : fresh;
    return ordered.map((film) => {
      const last = this.saver.waitingFor(film.film).at(-1);
      return last ? { ...film, done: last.kind === 'done' } : film;
    });
  }

  private refused(step: Step, problem: string): void {
    toast(step.kind === 'undo' || step.kind === 'redo' ? problem : `Not saved: ${problem}`, 'bad');
    if (this.open?.film.id === step.film) void this.reopen();
    void this.loadQueue();
  }
}
