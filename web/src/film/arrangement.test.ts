import { beforeEach, expect, test } from 'vitest';
import { applied } from './affine';
import { Arrangement } from './arrangement';
import { besides, LENS_RADIUS, lensArea, lensMap } from './lens';
import type { FilmPane } from './types';
import { mirroredNow, quarterTurned } from './view';

class Still extends Arrangement {
  painted = 0;
  show(panes: FilmPane[]): void {
    this.arrange(panes, undefined);
  }
  resize(width: number, height: number): void {
    this.lay({ width, height });
  }
  repaint(): void {
    this.painted += 1;
  }
  protected changed(): void {}
}

const paneOf = (key: string, id = key, size = 400): FilmPane => ({
  key,
  label: key,
  film: { id, pixels: '', width: size, height: size },
});

let board: Still;
beforeEach(() => {
  board = new Still();
  board.resize(802, 400);
  board.show([paneOf('earlier'), paneOf('later', 'later', 800)]);
});
const middle = (index: number) => board.spotOf({ x: 402 * index + 200, y: 200 })!.spot;

test('in step all films are zoomed, moved, turned and windowed alike', () => {
  board.zoomAt(3, { x: 100, y: 120 });
  board.pan(30, -8, { x: 500, y: 100 });
  board.windowBy(160, 0, { x: 500, y: 100 });
  board.move(0, (motion) => mirroredNow(quarterTurned(motion, 1)));
  expect(board.motionOf(1)).toEqual(board.motionOf(0));
  expect(board.adjustmentOf(0).narrower).toBe(1);
  expect((middle(1).x + 0.5) / 800).toBeCloseTo((middle(0).x + 0.5) / 400);
});

test('out of step each has its own way, from where all were', () => {
  board.zoomAt(2, { x: 200, y: 200 });
  board.setInStep(false, 0);
  board.zoomAt(2, { x: 600, y: 200 });
  expect(board.motionOf(0).zoom).toBe(2);
  expect(board.motionOf(1).zoom).toBe(4);
  board.setInStep(true, 1);
  expect(board.motionOf(0).zoom).toBe(4);
});

test('another film brings all home and leaves windows; another point does not', () => {
  board.zoomAt(2, { x: 200, y: 200 });
  board.windowBy(80, 40, { x: 10, y: 10 });
  board.show([{ ...paneOf('earlier'), points: [] }, paneOf('later', 'later', 800)]);
  expect(board.motionOf(0).zoom).toBe(2);
  board.show([paneOf('earlier', 'other'), paneOf('later', 'later', 800)]);
  expect(board.motionOf(0).zoom).toBe(1);
  expect(board.adjustmentOf(0)).not.toMatchObject({ level: 0 });
  board.resetWindows();
  expect(board.adjustmentOf(0)).toMatchObject({ level: 0, narrower: 0 });
});

test('a film can be fitted whatever its home is, and can be made smaller than that home', () => {
  board.show([{ ...paneOf('joint', 'joint', 4000), focus: { x: 100, y: 100, sidePx: 50 } }]);
  board.zoomAt(1e-6, { x: 300, y: 200 });
  expect(board.motionOf(0).zoom).toBeLessThan(0.01);
  board.fit(0);
  const map = board.mapOf(0)!;
  expect(applied(map, { x: 1999.5, y: 1999.5 }).y).toBeCloseTo(200);
  expect(applied(map, { x: 0, y: 3999 }).y).toBeLessThan(400);
});

test('a joint out of sight is brought to the middle, one in sight moves nothing', () => {
  const point = { name: 'MCP2', x: 390, y: 390, kind: 'marked', confidence: null } as const;
  board.show([{ ...paneOf('film'), points: [point] }]);
  board.reveal('MCP2');
  expect(board.motionOf(0).dx).toBe(0);
  board.zoomAt(8, { x: 401, y: 200 });
  board.reveal('MCP5');
  expect(board.motionOf(0).dx).toBe(0);
  board.reveal('MCP2');
  expect(applied(board.mapOf(0)!, point).x).toBeCloseTo(401);
  expect(applied(board.mapOf(0)!, point).y).toBeCloseTo(200);
});

test('a pane without a film is nowhere and moves nothing', () => {
  board.show([{ key: 'none', label: '', film: null }, paneOf('later')]);
  board.zoomAt(3, { x: 10, y: 10 });
  expect(board.mapOf(0)).toBeNull();
  expect(board.spotOf({ x: 10, y: 10 })).toBeNull();
  expect(board.motionOf(1).zoom).toBe(1);
});

test('the magnifier shows a place in its middle, three times as large or each pixel plainly', () => {
  const map = { a: 0.2, b: 0, c: 0, d: 0.2, e: 7, f: 9 };
  const lens = lensMap(map, { x: 50, y: 60 }, { x: 300, y: 200 });
  expect(applied(lens, { x: 50, y: 60 })).toEqual({ x: expect.closeTo(300), y: expect.closeTo(200) });
  expect(lens.a).toBeCloseTo(2.5);
  expect(lensMap({ ...map, a: 2, d: 2 }, { x: 0, y: 0 }, { x: 0, y: 0 }).a).toBeCloseTo(6);
});

test('beside a joint in hand the magnifier lies on the board and off the joint', () => {
  const size = { width: 800, height: 500 };
  for (const [x, y] of [
    [400, 450],
    [5, 495],
    [790, 20],
    [10, 10],
  ]) {
    const at = { x: x!, y: y! };
    const centre = besides(at, size);
    const area = lensArea(centre);
    expect(Math.hypot(centre.x - at.x, centre.y - at.y)).toBeGreaterThan(LENS_RADIUS + 20);
    expect(area.x).toBeGreaterThanOrEqual(0);
    expect(area.y).toBeGreaterThanOrEqual(0);
    expect(area.x + area.width).toBeLessThanOrEqual(800);
    expect(area.y + area.height).toBeLessThanOrEqual(500);
  }
});
