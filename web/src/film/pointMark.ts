/** One joint's point as Konva draws it: a hollow ring for the model's, a solid one for a person's, its name beside it. */

import Konva from 'konva/lib/Core';
import { Arc } from 'konva/lib/shapes/Arc';
import { Circle } from 'konva/lib/shapes/Circle';
import { Line } from 'konva/lib/shapes/Line';
import { Rect } from 'konva/lib/shapes/Rect';
import { Text } from 'konva/lib/shapes/Text';
import { LABEL_HEIGHT } from './labels';
import type { FilmPoint, Spot } from './types';

/** Colours of the theme, read from the page. */
export interface Inks {
  readonly proposed: string;
  readonly marked: string;
  readonly selected: string;
  readonly font: string;
}

const RING = 9;
const CHOSEN = 15;
/** A broken ring around the chosen joint, in eight pieces. */
const PIECE = (2 * Math.PI * CHOSEN) / 8;
const DASH = [0.55 * PIECE, 0.45 * PIECE] as [number, number];
const BEHIND = 'rgba(0, 0, 0, 0.65)';
const PADDING = 5;
const FONT_SIZE = 12;

/** A mark; `at` moves it, `look` dresses it, and nothing listens: the board finds joints itself. */
export class PointMark {
  readonly group = new Konva.Group({ listening: false });
  private readonly shade = new Circle({ radius: RING, stroke: BEHIND, strokeWidth: 4 });
  private readonly track = new Circle({ radius: RING, strokeWidth: 1, opacity: 0.45 });
  private readonly ring = new Arc({ innerRadius: RING - 1, outerRadius: RING + 1, angle: 360, rotation: -90 });
  private readonly dot = new Circle({ radius: 2 });
  private readonly frame = new Circle({ radius: CHOSEN, strokeWidth: 2, dash: DASH, dashOffset: DASH[0] / 2 });
  private readonly leader = new Line({ points: [], strokeWidth: 1, opacity: 0.7 });
  private readonly board = new Rect({ height: LABEL_HEIGHT, fill: 'rgba(6, 8, 10, 0.86)', cornerRadius: 3 });
  private readonly text = new Text({ fontSize: FONT_SIZE, listening: false });
  private said = '';

  constructor(private readonly inks: Inks) {
    this.text.fontFamily(inks.font);
    this.frame.stroke(inks.selected);
    this.group.add(this.leader, this.shade, this.track, this.ring, this.dot, this.frame, this.board, this.text);
  }

  get labelWidth(): number {
    return this.said ? this.text.width() + 2 * PADDING : 0;
  }

  look(point: FilmPoint, chosen: boolean): void {
    const ink = point.kind === 'marked' ? this.inks.marked : this.inks.proposed;
    this.say(point.label ?? point.name);
    this.track.stroke(ink);
    this.ring.fill(ink).angle(360 * (point.confidence ?? 1));
    this.shade.fill(point.kind === 'marked' ? 'rgba(0, 0, 0, 0.15)' : '');
    if (point.kind === 'marked') this.dot.radius(3.2).fill(ink).stroke(BEHIND).strokeWidth(1.5);
    else this.dot.radius(2).fill('').stroke(ink).strokeWidth(1);
    this.text.fill(chosen ? this.inks.selected : ink);
    this.leader.stroke(ink);
    this.frame.visible(chosen);
    this.group.zIndex(0);
    if (chosen) this.group.moveToTop();
  }

  at({ x, y }: Spot): void {
    this.group.position({ x, y });
  }

  label(place: Spot | null): void {
    const shown = place !== null && this.said !== '';
    for (const part of [this.board, this.text, this.leader]) part.visible(shown);
    if (!place || !shown) return;
    this.board.position(place).width(this.labelWidth);
    this.text.position({ x: place.x + PADDING, y: place.y + (LABEL_HEIGHT - FONT_SIZE) / 2 });
    this.leader.points(leaderTo(place, this.labelWidth));
  }

  private say(words: string): void {
    if (words === this.said) return;
    this.said = words;
    this.text.text(words);
  }
}

/** From the ring to the nearest place of its name. */
function leaderTo(place: Spot, width: number): number[] {
  const x = Math.min(place.x + width, Math.max(place.x, 0));
  const y = Math.min(place.y + LABEL_HEIGHT, Math.max(place.y, 0));
  const away = Math.hypot(x, y) || 1;
  return [(x / away) * (RING + 1), (y / away) * (RING + 1), x, y];
}
