/** The joints' points over all panes: one Konva stage, redrawn whole whenever films move. */

import Konva from 'konva/lib/Core';
import { Circle } from 'konva/lib/shapes/Circle';
import { Line } from 'konva/lib/shapes/Line';
import { applied, type Affine } from './affine';
import { labelsOf } from './labels';
import type { Area } from './painter';
import { PointMark, type Inks } from './pointMark';
import type { FilmPoint, Spot } from './types';
import type { Size } from './view';

/** A pane's joints and where its film lies in it. */
export interface PaneMarks {
  readonly key: string;
  readonly area: Area;
  readonly map: Affine;
  readonly points: readonly FilmPoint[];
}

/** The magnifier: its disc, and whether a joint is in hand, whose place a cross shows. */
export interface Lens {
  readonly centre: Spot;
  readonly radius: number;
  readonly cross: boolean;
}

interface PaneLayer {
  readonly group: Konva.Group;
  readonly marks: Map<string, PointMark>;
  placed: string;
}

export class PointsLayer {
  private readonly stage: Konva.Stage;
  private readonly layer = new Konva.Layer({ listening: false });
  private readonly panes = new Map<string, PaneLayer>();
  private readonly lens = new Konva.Group({ visible: false });
  private readonly inks: Inks;
  /** Nothing is drawn, and nothing was: a canvas that stays empty costs a page nothing. */
  private empty = true;

  constructor(host: HTMLDivElement) {
    this.inks = inksOf(host);
    this.stage = new Konva.Stage({ container: host, width: 1, height: 1, listening: false });
    this.layer.add(this.lens);
    this.stage.add(this.layer);
    Konva.autoDrawEnabled = false;
  }

  resize({ width, height }: Size): void {
    this.stage.size({ width, height });
  }

  draw(panes: readonly PaneMarks[], selected: string | null, lens: Lens | null): void {
    const empty = lens === null && panes.every((pane) => pane.points.length === 0);
    if (empty && this.empty) return;
    this.empty = empty;
    const keys = new Set(panes.map((pane) => pane.key));
    for (const [key, { group }] of this.panes) {
      if (keys.has(key)) continue;
      group.destroy();
      this.panes.delete(key);
    }
    for (const pane of panes) this.drawPane(pane, selected, lens);
    this.drawLens(lens);
    this.layer.draw();
  }

  close(): void {
    this.stage.destroy();
  }

  private drawPane(pane: PaneMarks, selected: string | null, lens: Lens | null): void {
    const held = this.panes.get(pane.key) ?? this.begun(pane.key);
    const { area } = pane;
    held.group.position(area).clip({ x: 0, y: 0, width: area.width, height: area.height });
    const names = new Set(pane.points.map((point) => point.name));
    for (const [name, mark] of held.marks) {
      if (names.has(name)) continue;
      mark.group.destroy();
      held.marks.delete(name);
    }
    const places = pane.points.map((point) => applied(pane.map, point));
    const marks = pane.points.map((point) => this.markOf(held, point, point.name === selected));
    marks.forEach((mark, index) => {
      mark.at(places[index]!);
      mark.group.visible(!isUnder(lens, area, places[index]!));
    });
    this.name(held, pane, places, marks, selected);
  }

  /** Names stand anew only where joints stand otherwise to each other, so that they keep still while a film is moved. */
  private name(held: PaneLayer, pane: PaneMarks, places: Spot[], marks: PointMark[], selected: string | null): void {
    const first = places[0];
    if (!first) return;
    const key = JSON.stringify([
      selected,
      ...places.map(({ x, y }, index) => [Math.round(x - first.x), Math.round(y - first.y), marks[index]!.labelWidth]),
    ]);
    if (key === held.placed) return;
    held.placed = key;
    const named = places.map((at, index) => ({ at, width: marks[index]!.labelWidth }));
    const chosen = pane.points.findIndex((point) => point.name === selected);
    labelsOf(named, chosen).forEach((place, index) => marks[index]!.label(place));
  }

  private begun(key: string): PaneLayer {
    const fresh: PaneLayer = { group: new Konva.Group({ listening: false }), marks: new Map(), placed: '' };
    this.panes.set(key, fresh);
    this.layer.add(fresh.group);
    this.lens.moveToTop();
    return fresh;
  }

  private markOf(held: PaneLayer, point: FilmPoint, chosen: boolean): PointMark {
    let mark = held.marks.get(point.name);
    if (!mark) {
      mark = new PointMark(this.inks);
      held.marks.set(point.name, mark);
      held.group.add(mark.group);
    }
    mark.look(point, chosen);
    return mark;
  }

  private drawLens(lens: Lens | null): void {
    this.lens.visible(lens !== null);
    if (!lens) return;
    this.lens.destroyChildren();
    this.lens.position(lens.centre);
    this.lens.add(new Circle({ radius: lens.radius, stroke: 'rgba(0, 0, 0, 0.8)', strokeWidth: 5 }));
    this.lens.add(new Circle({ radius: lens.radius, stroke: this.inks.selected, strokeWidth: 1.5 }));
    if (lens.cross) for (const points of CROSS) this.lens.add(new Line({ points, stroke: this.inks.marked }));
  }
}

/** Four strokes that leave the middle free: it is what is looked at. */
const CROSS = [
  [-22, 0, -5, 0],
  [5, 0, 22, 0],
  [0, -22, 0, -5],
  [0, 5, 0, 22],
];

/** Under the lens joints would stand where they are not. */
function isUnder(lens: Lens | null, area: Area, place: Spot): boolean {
  if (!lens) return false;
  return Math.hypot(area.x + place.x - lens.centre.x, area.y + place.y - lens.centre.y) < lens.radius + 8;
}

function inksOf(host: HTMLElement): Inks {
  const style = getComputedStyle(host);
  const token = (name: string, otherwise: string) => style.getPropertyValue(name).trim() || otherwise;
  return {
    proposed: token('--proposed', '#f0c15d'),
    marked: token('--marked', '#8fd0ff'),
    selected: token('--on-stage', '#ffffff'),
    font: style.fontFamily || 'sans-serif',
  };
}
