/**
 * The board: films in panes, how they are moved and windowed, and when they are painted.
 *
 * Holds everything that has no place in a page's markup. A picture is painted at most once a frame, and only when
 * something has changed.
 */

import { after, applied, moved, scaled, scaleOf, type Affine } from './affine';
import { FilmStore, type FilmState, type Hooks } from './filmStore';
import { glPainter } from './glPainter';
import { gridOf, paneAt } from './grid';
import type { Area, Painter, PaintJob } from './painter';
import { PointsLayer, type Lens } from './pointsLayer';
import { AS_STORED, type FilmPane, type FilmPoint, type FilmSource, type Focus, type Lie, type Spot } from './types';
import * as view from './view';
import { adjusted, adjustedBy, UNADJUSTED, type Adjustment, type Window } from './window';
import { WorkerPainter } from './workerPainter';

/** How films are to be painted: as suits the machine, or one way on trial. */
export type Way = 'best' | 'gl' | 'worker';

export interface BoardHooks extends Pick<Hooks, 'signedIn'> {
  /** A film's stage, or what of a pane is shown outside the canvas, is another. */
  changed(): void;
}

/** A joint in hand: where it is now, in film pixels. */
export interface Held {
  readonly pane: number;
  readonly name: string;
  readonly spot: Spot;
}

/** A film's place in its pane. */
export interface Place {
  readonly film: FilmSource;
  readonly lie: Lie;
  readonly focus: Focus | null;
  readonly pane: view.Size;
}

const LENS_RADIUS = 84;
const LENS_ZOOM = 3;
/** CSS pixels of the lens for a film pixel, at least: a joint is put to a pixel. */
const LENS_LEAST = 2.5;
const WHOLE: Window = { low: 0, high: 65535 };

export class Board {
  readonly store: FilmStore;
  readonly way: 'gl' | 'worker';
  areas: Area[] = [];
  inStep = true;
  selected: string | null = null;
  showPoints = true;
  held: Held | null = null;
  lensAt: Spot | null = null;
  /** Told where films lie, each as `a b c d e f` from film pixels to CSS pixels of the pane, "" without a film. */
  painted: (maps: string[]) => void = () => {};
  private panes: readonly FilmPane[] = [];
  private motions = new Map<string, view.Motion>();
  private adjustments = new Map<string, Adjustment>();
  private size: view.Size = { width: 1, height: 1 };
  private ratio = 1;
  private columns: number | undefined;
  private readonly painter: Painter;
  private readonly points: PointsLayer;
  private frame = 0;

  constructor(
    private readonly canvas: HTMLCanvasElement,
    over: HTMLDivElement,
    private readonly hooks: BoardHooks,
    way: Way,
  ) {
    const worker = new Worker(new URL('./filmWorker.ts', import.meta.url), { type: 'module' });
    const gl = way === 'worker' ? null : glPainter(canvas, way === 'gl', () => this.store.reload());
    this.way = gl ? 'gl' : 'worker';
    this.painter = gl ?? new WorkerPainter(canvas, worker);
    this.store = new FilmStore(worker, this.painter, {
      changed: () => {
        this.hooks.changed();
        this.repaint();
      },
      signedIn: () => hooks.signedIn(),
    });
    this.points = new PointsLayer(over);
  }

  /** What is on the board. Where a pane shows another film, or elsewhere, all go home. */
  show(panes: readonly FilmPane[], columns: number | undefined): void {
    const before = this.panes.map(homeKey).join();
    this.panes = panes;
    this.columns = columns;
    if (panes.map(homeKey).join() !== before) this.goHome();
    this.store.show(panes.flatMap((pane) => pane.film ?? []));
    this.arrange();
  }

  resize(size: view.Size, ratio: number): void {
    this.size = size;
    this.ratio = ratio;
    this.canvas.width = Math.max(1, Math.round(size.width * ratio));
    this.canvas.height = Math.max(1, Math.round(size.height * ratio));
    this.points.resize(size);
    this.arrange();
  }

  stateOf(index: number): FilmState {
    const film = this.panes[index]?.film;
    return film ? this.store.of(film.id) : { stage: 'empty', own: null, problem: '' };
  }

  pane(index: number): FilmPane | undefined {
    return this.panes[index];
  }

  /** Which pane lies there, a joint's nearest one if between. */
  indexAt(spot: Spot): number {
    return paneAt(this.areas, spot.x, spot.y);
  }

  /** From film pixels to CSS pixels of the pane. */
  mapOf(index: number): Affine | null {
    const [pane, area] = [this.panes[index], this.areas[index]];
    if (!pane?.film || !area) return null;
    return view.viewOf(pane.film, lieIn(pane), pane.focus ?? null, area, this.motionOf(index));
  }

  /** Where on its film a place of the board lies; null between panes and on empty ones. */
  spotOf(at: Spot): { pane: number; spot: Spot } | null {
    const index = this.indexAt(at);
    const map = this.mapOf(index);
    if (!map) return null;
    return { pane: index, spot: view.spotAt(map, this.within(index, at)) };
  }

  /** A place of the board from its pane's corner. */
  within(index: number, at: Spot): Spot {
    const area = this.areas[index]!;
    return { x: at.x - area.x, y: at.y - area.y };
  }

  adjustmentOf(index: number): Adjustment {
    return this.adjustments.get(this.keyOf(index)) ?? UNADJUSTED;
  }

  motionOf(index: number): view.Motion {
    return this.motions.get(this.keyOf(index)) ?? view.AT_HOME;
  }

  zoomAt(factor: number, at: Spot): void {
    const index = Math.max(0, this.indexAt(at));
    const spot = this.areas[index] && this.within(index, at);
    if (spot) this.move(index, (motion, place, whole) => view.zoomedAt(motion, factor, spot, place.pane, whole));
  }

  pan(dx: number, dy: number, at: Spot): void {
    this.move(this.indexAt(at), (motion) => view.panned(motion, dx, dy));
  }

  /** All of the pane's film. */
  fit(index: number): void {
    this.move(index, (motion, { film, lie, focus, pane }) => view.fitted(motion, film, lie, focus, pane));
  }

  /** Change the motion of a pane, and of all others in step. */
  move(index: number, change: (motion: view.Motion, place: Place, whole: number) => view.Motion): void {
    const [shown, pane] = [this.panes[index], this.areas[index]];
    if (!shown?.film || !pane) return;
    const [film, lie, focus, before] = [shown.film, lieIn(shown), shown.focus ?? null, this.motionOf(index)];
    const wanted = change(before, { film, lie, focus, pane }, view.wholeZoom(film, lie, focus, pane, before));
    this.motions.set(this.keyOf(index), view.keptInSight(wanted, film, lie, focus, pane));
    this.repaint();
  }

  adjust(index: number, change: (adjustment: Adjustment) => Adjustment): void {
    this.adjustments.set(this.keyOf(index), change(this.adjustmentOf(index)));
    this.hooks.changed();
    this.repaint();
  }

  /** Window by a drag: to the right more contrast, upwards brighter. */
  windowBy(dx: number, dy: number, at: Spot): void {
    this.adjust(Math.max(0, this.indexAt(at)), (now) => adjustedBy(now, dy / 400, dx / 160));
  }

  /** Step in and out of step; what the pane in hand shows then holds for all. */
  setInStep(inStep: boolean, from: number): void {
    if (inStep === this.inStep) return;
    const [motion, adjustment] = [this.motionOf(from), this.adjustmentOf(from)];
    this.inStep = inStep;
    this.panes.forEach((_, index) => {
      this.motions.set(this.keyOf(index), motion);
      this.adjustments.set(this.keyOf(index), adjustment);
    });
    this.repaint();
  }

  goHome(): void {
    this.motions.clear();
    this.repaint();
  }

  resetWindows(): void {
    this.adjustments.clear();
    this.hooks.changed();
    this.repaint();
  }

  repaint(): void {
    if (!this.frame) this.frame = requestAnimationFrame(() => this.paint());
  }

  close(): void {
    cancelAnimationFrame(this.frame);
    this.frame = -1;
    this.painter.close();
    this.store.close();
    this.points.close();
  }

  private arrange(): void {
    this.areas = gridOf(this.panes.length, this.size, this.columns);
    this.hooks.changed();
    this.repaint();
  }

  private keyOf(index: number): string {
    return this.inStep ? 'all' : (this.panes[index]?.key ?? '');
  }

  private paint(): void {
    this.frame = 0;
    const jobs = this.panes.flatMap((_, index) => this.jobOf(index) ?? []);
    const lens = this.lens();
    const marks = this.panes.flatMap((pane, index) => {
      const [map, area] = [this.mapOf(index), this.areas[index]];
      if (!map || !area || !this.showPoints) return [];
      return [{ key: pane.key, area, map, points: this.pointsOf(index) }];
    });
    const { selected } = this;
    const maps = this.panes.map((_, index) => writtenMap(this.mapOf(index)));
    this.painter.paint(lens ? [...jobs, lens.job] : jobs, () => {
      this.points.draw(marks, selected, lens?.shown ?? null);
      this.painted(maps);
    });
  }

  /** Joints that are drawn: none where there is no film to see beneath them. */
  pointsOf(index: number): readonly FilmPoint[] {
    const points = this.stateOf(index).own ? (this.panes[index]?.points ?? []) : [];
    const { held } = this;
    if (held?.pane !== index) return points;
    const carried = { ...held.spot, kind: 'marked', confidence: null } as const;
    return points.map((point) => (point.name === held.name ? { ...point, ...carried } : point));
  }

  private jobOf(index: number): PaintJob | null {
    const [map, area, film] = [this.mapOf(index), this.areas[index], this.panes[index]?.film];
    if (!map || !area || !film) return null;
    return this.jobFor(index, film, after(moved(area.x, area.y), map), area, false);
  }

  private jobFor(index: number, film: FilmSource, map: Affine, area: Area, round: boolean): PaintJob {
    const change = this.adjustmentOf(index);
    const window = adjusted(this.store.of(film.id).own ?? WHOLE, change);
    const inCanvas = after(scaled(this.ratio), map);
    return { film: film.id, map: inCanvas, area: enlarged(area, this.ratio), window, inverted: change.inverted, round };
  }

  /** The magnifier: beside the joint in hand, else where the cursor is. */
  private lens(): { job: PaintJob; shown: Lens } | null {
    const { held, lensAt } = this;
    const at = held ? this.onBoard(held.pane, held.spot) : lensAt;
    const index = held?.pane ?? (at ? this.indexAt(at) : -1);
    const [map, film] = [this.mapOf(index), this.panes[index]?.film];
    if (!at || !map || !film) return null;
    const spot = held?.spot ?? view.spotAt(map, this.within(index, at));
    const centre = held ? this.besides(at) : at;
    const larger = Math.max(LENS_ZOOM, LENS_LEAST / scaleOf(map));
    const linear = after(scaled(larger), { ...map, e: 0, f: 0 });
    const there = applied(linear, spot);
    const lensMap = after(moved(centre.x - there.x, centre.y - there.y), linear);
    const [x, y, side] = [centre.x - LENS_RADIUS, centre.y - LENS_RADIUS, 2 * LENS_RADIUS];
    const job = this.jobFor(index, film, lensMap, { x, y, width: side, height: side }, true);
    return { job, shown: { centre, radius: LENS_RADIUS, cross: held !== null } };
  }

  /** Above what a finger covers; where there is no room above, on the side that has more. */
  private besides(at: Spot): Spot {
    const { width, height } = this.size;
    const off = LENS_RADIUS + 46;
    const kept = (place: number, side: number) => Math.max(LENS_RADIUS + 4, Math.min(side - LENS_RADIUS - 4, place));
    if (at.y - off > LENS_RADIUS) return { x: kept(at.x, width), y: at.y - off };
    return { x: at.x < width / 2 ? at.x + off : at.x - off, y: kept(at.y, height) };
  }

  private onBoard(index: number, spot: Spot): Spot | null {
    const [map, area] = [this.mapOf(index), this.areas[index]];
    if (!map || !area) return null;
    const { x, y } = applied(map, spot);
    return { x: x + area.x, y: y + area.y };
  }
}

function writtenMap(map: Affine | null): string {
  return map ? [map.a, map.b, map.c, map.d, map.e, map.f].map((each) => each.toFixed(5)).join(' ') : '';
}

function lieIn(pane: FilmPane): Lie {
  return pane.lie ?? AS_STORED;
}

function homeKey({ key, film, lie, focus }: FilmPane): string {
  return JSON.stringify([key, film?.id, lie, focus]);
}

function enlarged({ x, y, width, height }: Area, ratio: number): Area {
  return {
    x: Math.round(x * ratio),
    y: Math.round(y * ratio),
    width: Math.round(width * ratio),
    height: Math.round(height * ratio),
  };
}
