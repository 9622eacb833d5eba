/**
 * Films in their panes: how each is moved and windowed, alone or in step. What paints them is `board`'s.
 */

import { applied, type Affine } from './affine';
import { gridOf, paneAt } from './grid';
import type { Area } from './painter';
import { AS_STORED, type FilmPane, type FilmSource, type Focus, type Lie, type Spot } from './types';
import * as view from './view';
import { adjustedBy, UNADJUSTED, type Adjustment } from './window';

/** A film's place in its pane. */
export interface Place {
  readonly film: FilmSource;
  readonly lie: Lie;
  readonly focus: Focus | null;
  readonly pane: view.Size;
}

/** Drags over so many CSS pixels change the level by one window, and its width by an octave. */
const LEVEL_PX = 400;
const OCTAVE_PX = 160;
/** CSS pixels between a joint in sight and its pane's edge, at least. */
const SEEN_WITHIN = 8;

export abstract class Arrangement {
  areas: Area[] = [];
  inStep = true;
  protected panes: readonly FilmPane[] = [];
  protected size: view.Size = { width: 1, height: 1 };
  private columns: number | undefined;
  private readonly motions = new Map<string, view.Motion>();
  private readonly adjustments = new Map<string, Adjustment>();

  /** Films lie otherwise. */
  abstract repaint(): void;
  /** What is shown outside the films' picture is another: areas, windows. */
  protected abstract changed(): void;

  /** What is on the board. Where a pane shows another film, or elsewhere, all go home. */
  protected arrange(panes: readonly FilmPane[], columns: number | undefined): void {
    const before = this.panes.map(homeKey).join();
    this.panes = panes;
    this.columns = columns;
    if (panes.map(homeKey).join() !== before) this.goHome();
    this.lay(this.size);
  }

  protected lay(size: view.Size): void {
    this.size = size;
    this.areas = gridOf(this.panes.length, size, this.columns);
    this.changed();
    this.repaint();
  }

  pane(index: number): FilmPane | undefined {
    return this.panes[index];
  }

  /** Which pane lies there; -1 between panes. */
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
    this.move(Math.max(0, this.indexAt(at)), (motion) => view.panned(motion, dx, dy));
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

  /** Bring a joint to the middle of its pane where it is out of sight, on the first film that has it. */
  reveal(name: string): void {
    const index = this.panes.findIndex((pane) => pane.film && pane.points?.some((point) => point.name === name));
    const point = this.panes[index]?.points?.find((each) => each.name === name);
    const [map, area] = [this.mapOf(index), this.areas[index]];
    if (!point || !map || !area) return;
    const { x, y } = applied(map, point);
    const isSeen = x > SEEN_WITHIN && y > SEEN_WITHIN && x < area.width - SEEN_WITHIN && y < area.height - SEEN_WITHIN;
    if (!isSeen) this.move(index, (motion) => view.panned(motion, area.width / 2 - x, area.height / 2 - y));
  }

  adjust(index: number, change: (adjustment: Adjustment) => Adjustment): void {
    this.adjustments.set(this.keyOf(index), change(this.adjustmentOf(index)));
    this.changed();
    this.repaint();
  }

  /** Window by a drag: to the right more contrast, upwards brighter. */
  windowBy(dx: number, dy: number, at: Spot): void {
    this.adjust(Math.max(0, this.indexAt(at)), (now) => adjustedBy(now, dy / LEVEL_PX, dx / OCTAVE_PX));
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
    this.changed();
    this.repaint();
  }

  /** A place of a film on the board. */
  protected onBoard(index: number, spot: Spot): Spot | null {
    const [map, area] = [this.mapOf(index), this.areas[index]];
    if (!map || !area) return null;
    const { x, y } = applied(map, spot);
    return { x: x + area.x, y: y + area.y };
  }

  private keyOf(index: number): string {
    return this.inStep ? 'all' : (this.panes[index]?.key ?? '');
  }
}

function lieIn(pane: FilmPane): Lie {
  return pane.lie ?? AS_STORED;
}

function homeKey({ key, film, lie, focus }: FilmPane): string {
  return JSON.stringify([key, film?.id, lie, focus]);
}
