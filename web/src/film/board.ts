/**
 * The board: films in panes, when they are painted, and the joints and the magnifier over them.
 *
 * A picture is painted at most once a frame, and only when something has changed.
 */

import { after, moved, scaled, type Affine } from './affine';
import { Arrangement } from './arrangement';
import { FilmStore, type FilmState, type Hooks } from './filmStore';
import { glPainter } from './glPainter';
import { besides, LENS_RADIUS, lensArea, lensMap } from './lens';
import type { Area, Painter, PaintJob } from './painter';
import { PointsLayer, type Lens } from './pointsLayer';
import type { FilmPane, FilmPoint, FilmSource, Spot } from './types';
import * as view from './view';
import { adjusted, type Window } from './window';
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

const WHOLE: Window = { low: 0, high: 65535 };

export class Board extends Arrangement {
  readonly store: FilmStore;
  readonly way: 'gl' | 'worker';
  selected: string | null = null;
  showPoints = true;
  held: Held | null = null;
  lensAt: Spot | null = null;
  /** Told where films lie, each as `a b c d e f` from film pixels to CSS pixels of the pane, "" without a film. */
  painted: (maps: string[]) => void = () => {};
  private ratio = 1;
  private readonly painter: Painter;
  private readonly points: PointsLayer;
  private frame = 0;

  constructor(
    private readonly canvas: HTMLCanvasElement,
    over: HTMLDivElement,
    private readonly hooks: BoardHooks,
    way: Way,
  ) {
    super();
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
    this.arrange(panes, columns);
    this.store.show(panes.flatMap((pane) => pane.film ?? []));
    this.changed();
  }

  resize(size: view.Size, ratio: number): void {
    this.ratio = ratio;
    this.canvas.width = Math.max(1, Math.round(size.width * ratio));
    this.canvas.height = Math.max(1, Math.round(size.height * ratio));
    this.points.resize(size);
    this.lay(size);
  }

  stateOf(index: number): FilmState {
    const film = this.panes[index]?.film;
    return film ? this.store.of(film.id) : { stage: 'empty', own: null, problem: '' };
  }

  /** Joints that are drawn: none where there is no film to see beneath them. */
  pointsOf(index: number): readonly FilmPoint[] {
    const points = this.stateOf(index).own ? (this.panes[index]?.points ?? []) : [];
    const { held } = this;
    if (held?.pane !== index) return points;
    const carried = { ...held.spot, kind: 'marked', confidence: null } as const;
    return points.map((point) => (point.name === held.name ? { ...point, ...carried } : point));
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

  protected changed(): void {
    this.hooks.changed();
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
    const centre = held ? besides(at, this.size) : at;
    const job = this.jobFor(index, film, lensMap(map, spot, centre), lensArea(centre), true);
    return { job, shown: { centre, radius: LENS_RADIUS, cross: held !== null } };
  }
}

function writtenMap(map: Affine | null): string {
  return map ? [map.a, map.b, map.c, map.d, map.e, map.f].map((each) => each.toFixed(5)).join(' ') : '';
}

function enlarged({ x, y, width, height }: Area, ratio: number): Area {
  return {
    x: Math.round(x * ratio),
    y: Math.round(y * ratio),
    width: Math.round(width * ratio),
    height: Math.round(height * ratio),
  };
}
