import { describe, expect, test } from 'vitest';
import { after, applied, IDENTITY, inverse, MIRRORED, moved, scaled, turned } from './affine';
import { AS_STORED, type Lie } from './types';
import {
  AT_HOME,
  boxOf,
  fitted,
  limbFocus,
  isOn,
  keptInSight,
  lieOf,
  mirroredNow,
  onto,
  panned,
  quarterTurned,
  spotAt,
  viewOf,
  zoomedAt,
  type Motion,
} from './view';

const film = { id: 'f', pixels: '/f', width: 400, height: 600 };
const pane = { width: 300, height: 200 };
const shown = (motion: Motion = AT_HOME, lie: Lie = AS_STORED) => viewOf(film, lie, null, pane, motion);

test('a map and its inverse bring a point back', () => {
  const map = after(moved(3, -8), after(turned(33), after(MIRRORED, scaled(2.5))));
  const there = applied(map, { x: 17, y: 4 });
  expect(applied(inverse(map), there).x).toBeCloseTo(17);
  expect(applied(inverse(map), there).y).toBeCloseTo(4);
  expect(after(inverse(map), map)).toEqual(expect.objectContaining({ b: expect.closeTo(0), c: expect.closeTo(0) }));
  expect(after(IDENTITY, map)).toEqual(map);
});

test('a whole film lies within its pane, in the middle', () => {
  const box = boxOf(shown(), film);
  expect(box.top).toBeGreaterThan(0);
  expect(box.bottom).toBeLessThan(200);
  expect((box.left + box.right) / 2).toBeCloseTo(150);
  expect(box.bottom - box.top).toBeCloseTo(196);
});

test('a film turned by a quarter is fitted by its other side', () => {
  const box = boxOf(shown(AT_HOME, { turnCwDeg: 90, mirrored: false }), film);
  expect(box.right - box.left).toBeCloseTo(294);
});

test('turned clockwise, what was on top is to the right', () => {
  const map = shown(AT_HOME, { turnCwDeg: 90, mirrored: false });
  expect(applied(map, { x: 200, y: 0 }).x).toBeGreaterThan(applied(map, { x: 200, y: 599 }).x);
});

test('a film is turned first and mirrored then', () => {
  const map = shown(AT_HOME, { turnCwDeg: 90, mirrored: true });
  expect(applied(map, { x: 200, y: 0 }).x).toBeLessThan(applied(map, { x: 200, y: 599 }).x);
});

test('a focus fills the shorter side of the pane', () => {
  const map = viewOf(film, AS_STORED, { x: 100, y: 120, sidePx: 50 }, pane, AT_HOME);
  expect(applied(map, { x: 100, y: 120 })).toEqual({ x: 150, y: 100 });
  expect(applied(map, { x: 100, y: 145 }).y).toBeCloseTo(200);
});

test('what is under the cursor stays under it while zooming', () => {
  const start = panned(quarterTurned({ ...AT_HOME, zoom: 1.7 }, 1), 12, -9);
  const cursor = { x: 61, y: 170 };
  const before = spotAt(shown(start), cursor);
  const now = spotAt(shown(zoomedAt(start, 2.3, cursor, pane)), cursor);
  expect(now.x).toBeCloseTo(before.x);
  expect(now.y).toBeCloseTo(before.y);
});

test('zoom ends at its bounds', () => {
  expect(zoomedAt(AT_HOME, 1e9, { x: 0, y: 0 }, pane).zoom).toBe(48);
  expect(zoomedAt(AT_HOME, 1e-9, { x: 0, y: 0 }, pane).zoom).toBe(0.25);
  expect(zoomedAt(AT_HOME, 1e-9, { x: 0, y: 0 }, pane, 0.1).zoom).toBeCloseTo(0.025);
});

describe('turning and mirroring on screen', () => {
  const start: Motion = { zoom: 3, dx: 20, dy: -35, turnCwDeg: 90, flipped: true };

  test('keep what is in the middle of the pane there', () => {
    // Without a fit that depends on the turn: a focus.
    const at = (motion: Motion) =>
      spotAt(viewOf(film, AS_STORED, { x: 50, y: 60, sidePx: 80 }, pane, motion), { x: 150, y: 100 });
    for (const changed of [quarterTurned(start, 1), quarterTurned(start, -1), mirroredNow(start)]) {
      expect(at(changed).x).toBeCloseTo(at(start).x);
      expect(at(changed).y).toBeCloseTo(at(start).y);
    }
  });

  test('turn clockwise as seen, mirrored or not', () => {
    for (const flipped of [false, true]) {
      const before = { ...AT_HOME, flipped };
      const up = applied({ ...shown(before), e: 0, f: 0 }, { x: 0, y: -1 });
      const then = applied({ ...shown(quarterTurned(before, 1)), e: 0, f: 0 }, { x: 0, y: -1 });
      expect(up.y).toBeLessThan(0);
      expect(then.x).toBeGreaterThan(0);
    }
  });

  test('undo themselves', () => {
    expect(mirroredNow(mirroredNow(start))).toEqual(start);
    expect(quarterTurned(quarterTurned(start, 1), -1)).toEqual(start);
  });
});

test('all of a film is shown again, also where home is a joint', () => {
  const focus = { x: 50, y: 60, sidePx: 80 };
  const moved = { ...panned(quarterTurned(AT_HOME, 1), 90, 4), zoom: 5 };
  const map = viewOf(film, AS_STORED, focus, pane, fitted(moved, film, AS_STORED, focus, pane));
  const box = boxOf(map, film);
  expect([(box.left + box.right) / 2, (box.top + box.bottom) / 2]).toEqual([expect.closeTo(150), expect.closeTo(100)]);
  expect(box.right - box.left).toBeCloseTo(294);
  expect(fitted({ ...AT_HOME, zoom: 9, dx: 4 }, film, AS_STORED, null, pane)).toMatchObject({ zoom: 1, dx: 0, dy: 0 });
});

test('a limb is looked at where enough of its joints are known', () => {
  const joints = [10, 20, 30, 110].map((x) => ({ x, y: 2 * x }));
  expect(limbFocus(joints)).toEqual({ x: 60, y: 120, sidePx: 350 });
  expect(limbFocus(joints.slice(1))).toBeNull();
});

test('a film cannot be dragged out of sight', () => {
  const far = keptInSight(panned(AT_HOME, 5000, -5000), film, AS_STORED, null, pane);
  const box = boxOf(shown(far), film);
  expect(box.left).toBeLessThan(300);
  expect(box.bottom).toBeGreaterThan(0);
  expect(keptInSight(AT_HOME, film, AS_STORED, null, pane)).toBe(AT_HOME);
});

test('films in step show the same place, whatever their size', () => {
  const other = { id: 'g', pixels: '/g', width: 800, height: 1200 };
  const motion = zoomedAt(AT_HOME, 3, { x: 40, y: 50 }, pane);
  const here = spotAt(shown(motion), { x: 90, y: 20 });
  const there = spotAt(viewOf(other, AS_STORED, null, pane, motion), { x: 90, y: 20 });
  expect((there.x + 0.5) / 800).toBeCloseTo((here.x + 0.5) / 400);
  expect((there.y + 0.5) / 1200).toBeCloseTo((here.y + 0.5) / 600);
});

test('digits go up as the model says, by quarters where edges are to stay upright', () => {
  expect(lieOf({ turn_cw_deg: null, mirrored: null })).toEqual(AS_STORED);
  expect(lieOf({ turn_cw_deg: 351, mirrored: true }, { quarters: true })).toEqual({ turnCwDeg: 0, mirrored: false });
  expect(lieOf({ turn_cw_deg: 99, mirrored: true }, { mirror: true })).toEqual({ turnCwDeg: 99, mirrored: true });
});

test('a place beyond the film is brought onto what the server takes', () => {
  expect(isOn(film, onto(film, { x: 9999, y: -9999 }))).toBe(true);
  expect(isOn(film, { x: 399.5, y: 0 })).toBe(false);
  expect(onto(film, { x: 12.25, y: 7 })).toEqual({ x: 12.25, y: 7 });
});
