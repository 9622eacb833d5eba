// A reading on the reader's desk: the walk, what is on its way to the server, the clock, and what the study lets the
// reader know of the model. One for each page; `close` leaves everything that is unsaved in the browser.

import { api, problemOf } from '$lib/api';
import { sortKept, type Clash } from './conflicts';
import { keeperOf, type Keeper, type Kept } from './kept';
import { changeId, lineTo } from './line';
import { SaveQueue, type QueueState } from './queue';
import { recall, remember } from './remembered';
import { entriesOf, routeOf, type Route, type Stop } from './route';
import { placeKey, sameEntry, type Entry, type ModelScore, type ReadingShown, type Saved, type Sums } from './shapes';
import { placeName } from './siteNames';
import { Stopwatch } from './stopwatch';
import { accept, act, beginWalk, entryAt, here, unscoredStops, type Action, type Made, type Walk } from './walk';

const NOTHING_UNSAVED: QueueState = {
  phase: 'saved',
  unsaved: 0,
  problem: '',
  retryAt: null,
  refused: [],
  isKept: true,
};

export class Desk {
  shown: ReadingShown = $state.raw() as ReadingShown;
  walk: Walk = $state.raw() as Walk;
  saving: QueueState = $state.raw(NOTHING_UNSAVED);
  /** Entries of this browser that meet newer ones of the server's. */
  clashes: Clash[] = $state.raw([]);
  /** Entries of this browser that came too late: the reading is committed. */
  late: Kept[] = $state.raw([]);
  /** The model's scores by place; null where they are not to be seen. */
  model: ReadonlyMap<string, ModelScore> | null = $state.raw(null);
  /** Why the last key did nothing, or what changed behind the reader's back. */
  notice = $state('');
  sums: Sums | null = $state.raw(null);

  /** The same one as long as the reading is: what is drawn of it need not be drawn again with every entry. */
  readonly route: Route = $derived(this.walk.route);
  readonly stop: Stop | undefined = $derived(here(this.walk));
  readonly unscored: Stop[] = $derived(unscoredStops(this.walk));
  readonly isLocked: boolean = $derived(this.walk.isLocked);
  readonly isComplete: boolean = $derived(this.unscored.length === 0);

  readonly stopwatch: Stopwatch;
  private readonly keeper: Keeper;
  private readonly queue: SaveQueue;
  private order = 0;

  constructor(
    shown: ReadingShown,
    private readonly account: string,
  ) {
    const id = shown.reading.id;
    const remembered = recall(account, id, localStorage);
    this.keeper = keeperOf(account, id, localStorage);
    this.stopwatch = new Stopwatch(() => Date.now(), remembered.timings);
    this.queue = new SaveQueue(this.keeper, lineTo(id), {
      state: (state) => (this.saving = state),
      saved: (kept, answer) => this.acknowledged(kept, answer),
    });
    this.begin(shown, remembered.at);
  }

  get id(): string {
    return this.shown.reading.id;
  }

  entry(stop: Stop): Entry {
    return entryAt(this.walk, stop);
  }

  /** Do what a key or a button asks for, and send what it changes. */
  act(action: Action): void {
    const outcome = act(this.walk, action);
    this.walk = outcome.walk;
    this.notice = outcome.refused;
    if (outcome.made.length > 0) this.queue.push(outcome.made.map((made) => this.kept(made)));
    this.tick();
  }

  /** Enter something at a stop wherever the reader is, and go on behind it. */
  enterAt(stop: Stop, action: Action): void {
    this.act({ do: 'jump', to: this.walk.route.at.get(stop.key) ?? this.walk.at });
    this.act(action);
  }

  /** The reader did something: the clock goes on, and the browser remembers where. */
  tick(): void {
    if (this.isLocked) return this.stopwatch.pause();
    this.stopwatch.at(this.stop?.step ?? 0);
    remember(this.account, this.id, { at: this.stop?.key ?? '', timings: this.stopwatch.kept() }, localStorage);
  }

  /** Try now what could not be sent. */
  wake(): void {
    if (this.saving.unsaved > 0) this.queue.wake();
  }

  retryRefused(): void {
    this.queue.retryRefused();
  }

  /** Give up what the server refused, and show what it has. */
  async dropRefused(): Promise<void> {
    this.queue.dropRefused();
    await this.reload();
  }

  /** A clash as the reader decided it. */
  resolve(clash: Clash, whose: 'mine' | 'theirs'): void {
    this.clashes = this.clashes.filter((each) => each !== clash);
    this.walk = accept(this.walk, [[clash.key, whose === 'mine' ? clash.mine : clash.theirs]]);
    if (whose === 'mine') this.queue.again(clash.kept);
    else this.keeper.drop(clash.kept.map(({ change }) => change.change));
  }

  /** What came too late leaves the browser. */
  dropLate(): void {
    this.keeper.drop(this.late.map(({ change }) => change.change));
    this.late = [];
  }

  /** Lock the reading; raises the server's problem. */
  async commit(): Promise<void> {
    this.tick();
    await api.post('/api/readings/{reading_id}/commit', { path: { reading_id: this.id } });
    await this.reload();
  }

  /** What the server has now. */
  async reload(): Promise<void> {
    const at = this.stop?.key ?? '';
    const shown = (await api.get('/api/readings/{reading_id}', { path: { reading_id: this.id } })) as ReadingShown;
    this.begin(shown, at);
  }

  /** Joints that the model has found since the page was opened. */
  async lookForPoints(): Promise<void> {
    const without = Object.values(this.shown.films).filter((film) => Object.keys(film.points).length === 0);
    const films = { ...this.shown.films };
    for (const { id } of without) films[id] = await api.get('/api/films/{film_id}', { path: { film_id: id } });
    if (!without.some(({ id }) => Object.keys(films[id]?.points ?? {}).length > 0)) return;
    this.shown = { ...this.shown, films };
    if (this.shown.model_visible) await this.loadModel();
  }

  close(): void {
    this.tick();
    this.queue.stop();
  }

  private begin(shown: ReadingShown, at: string): void {
    const server = entriesOf(shown);
    const isLocked = shown.reading.state !== 'open';
    const kept = this.keeper.all().filter(({ change }) => !this.queue.holds((each) => each.change === change.change));
    const { send, clashes } = isLocked ? { send: [], clashes: [] } : sortKept(kept, server);
    this.shown = shown;
    this.sums = shown.sums;
    this.late = isLocked ? kept : [];
    this.clashes = clashes;
    const walk = accept(beginWalk(routeOf(shown), server, isLocked), this.entered(send));
    const found = walk.route.at.get(at);
    this.walk = { ...walk, at: found ?? walk.at };
    if (send.length > 0) this.queue.again(send);
    if (shown.model_visible) void this.loadModel();
    this.tick();
  }

  private entered(kept: readonly Kept[]): [string, Entry][] {
    return kept.map(({ change: { status, grade, reason, ...place } }) => [placeKey(place), { status, grade, reason }]);
  }

  private kept({ stop, entry, base }: Made): Kept {
    this.order = Math.max(this.order + 1, Date.now() * 1000);
    const { film, site, kind } = stop;
    return { reading: this.id, order: this.order, base, change: { change: changeId(), film, site, kind, ...entry } };
  }

  /** The server's answer; an entry that was made elsewhere meanwhile is taken, and told. */
  private acknowledged(kept: readonly Kept[], answer: Saved): void {
    this.sums = answer.sums;
    for (const [index, { change }] of kept.entries()) {
      const key = placeKey(change);
      const stop = this.walk.route.stops[this.walk.route.at.get(key) ?? -1];
      const saved = answer.scores[index];
      if (!stop || !saved || this.queue.holds((each) => placeKey(each) === key)) continue;
      const entry: Entry = { status: saved.status, grade: saved.grade, reason: saved.reason };
      if (sameEntry(entry, entryAt(this.walk, stop))) continue;
      this.walk = accept(this.walk, [[key, entry]]);
      this.notice = `${placeName(stop.code, stop.site, stop.kind)} was changed in another window.`;
    }
  }

  private async loadModel(): Promise<void> {
    try {
      const views = await api.get('/api/readings/{reading_id}/model', { path: { reading_id: this.id } });
      const scores = Object.entries(views).flatMap(([film, view]) =>
        (view.scores as ModelScore[]).map((score): [string, ModelScore] => [placeKey({ film, ...score }), score]),
      );
      this.model = new Map(scores);
    } catch (failure) {
      this.notice = `The model's scores: ${problemOf(failure)}`;
    }
  }
}
