import { beforeEach, expect, test } from 'vitest';
import { Gestures, wheelFactor, type Hand, type Pointer } from './gestures';
import { gridOf, paneAt } from './grid';
import { LABEL_HEIGHT, labelsOf } from './labels';

let done: string[];
let joint: boolean;
let gestures: Gestures;

const hand: Hand = {
  grab: () => joint,
  carry: (by) => done.push(`carry ${by.x} ${by.y}`),
  putDown: (kept) => done.push(kept ? 'put down' : 'put back'),
  tap: (at) => done.push(`tap ${at.x} ${at.y}`),
  pan: (dx, dy) => done.push(`pan ${dx} ${dy}`),
  zoom: (factor) => done.push(`zoom ${factor.toFixed(2)}`),
  window: (dx, dy) => done.push(`window ${dx} ${dy}`),
};
const mouse = (x: number, y: number, button = 0): Pointer => ({ id: 1, x, y, button, touch: false });
const finger = (id: number, x: number, y: number): Pointer => ({ id, x, y, button: 0, touch: true });

beforeEach(() => {
  done = [];
  joint = false;
  gestures = new Gestures(hand);
});

test('a press that hardly moves is a tap where it began', () => {
  gestures.press(mouse(10, 10));
  gestures.move(mouse(11, 11));
  gestures.release(mouse(11, 11));
  expect(done).toEqual(['tap 10 10']);
});

test('a drag pans from the first pixel on', () => {
  gestures.press(mouse(10, 10));
  gestures.move(mouse(16, 10));
  gestures.move(mouse(18, 13));
  gestures.release(mouse(18, 13));
  expect(done).toEqual(['pan 6 0', 'pan 2 3']);
});

test('the right button sets the window, and so does the left one with that tool', () => {
  gestures.press(mouse(0, 0, 2));
  gestures.move(mouse(5, 0));
  gestures.release(mouse(5, 0));
  gestures.tool = 'window';
  gestures.press(mouse(0, 0));
  gestures.move(mouse(0, 9));
  expect(done).toEqual(['window 5 0', 'window 0 9']);
});

test('a joint is carried and put down; taken without a move it is chosen', () => {
  joint = true;
  gestures.press(mouse(0, 0));
  gestures.move(mouse(8, 0));
  gestures.release(mouse(8, 0));
  expect(done).toEqual(['carry 8 0', 'put down']);
  done = [];
  gestures.press(mouse(0, 0));
  gestures.release(mouse(0, 0));
  expect(done).toEqual(['put back', 'tap 0 0']);
});

test('with space held a drag pans, whatever lies there', () => {
  joint = true;
  gestures.onlyPan = true;
  gestures.press(mouse(0, 0));
  gestures.move(mouse(8, 0));
  expect(done).toEqual(['pan 8 0']);
});

test('two fingers pinch; a joint in hand goes back to its place', () => {
  joint = true;
  gestures.press(finger(1, 0, 0));
  gestures.move(finger(1, 20, 0));
  gestures.press(finger(2, 20, 100));
  gestures.move(finger(2, 20, 200));
  gestures.release(finger(2, 20, 200));
  gestures.move(finger(1, 25, 0));
  gestures.release(finger(1, 25, 0));
  expect(done).toEqual(['carry 20 0', 'put back', 'pan 0 50', 'zoom 2.00', 'pan 5 0']);
});

test('a gesture that the system takes over leaves nothing behind', () => {
  joint = true;
  gestures.press(finger(1, 0, 0));
  gestures.move(finger(1, 30, 0));
  gestures.cancel(finger(1, 30, 0));
  expect(done).toEqual(['carry 30 0', 'put back']);
  expect(gestures.busy).toBe(false);
});

test('a wheel turned towards the hand makes smaller, and one turn is never a leap', () => {
  const turn = (deltaY: number, deltaMode = 0) => wheelFactor({ deltaY, deltaMode, ctrlKey: false });
  expect(turn(100)).toBeLessThan(1);
  expect(turn(-100) * turn(100)).toBeCloseTo(1);
  expect(turn(-3, 1)).toBeCloseTo(turn(-48));
  expect(turn(-1e6)).toBeLessThan(1.4);
});

test('panes fill the board without overlap', () => {
  const areas = gridOf(4, { width: 1001, height: 600 }, 2);
  expect(areas[0]).toEqual({ x: 0, y: 0, width: 500, height: 299 });
  expect(areas[3]!.x + areas[3]!.width).toBe(1001);
  expect(areas[3]!.y + areas[3]!.height).toBe(600);
  expect(areas[1]!.x).toBeGreaterThanOrEqual(areas[0]!.width);
  expect(paneAt(areas, 999, 599)).toBe(3);
  expect(paneAt(areas, 500.5, 10)).toBe(-1);
});

test('films stand side by side, in portrait one above the other', () => {
  expect(gridOf(2, { width: 800, height: 600 }).map((area) => area.y)).toEqual([0, 0]);
  expect(gridOf(2, { width: 600, height: 800 }).map((area) => area.x)).toEqual([0, 0]);
  expect(gridOf(0, { width: 600, height: 800 })).toEqual([]);
});

test("names cover no joint and no other name, and the chosen joint's has its place before all", () => {
  const crowd = Array.from({ length: 21 }, (_, index) => ({
    at: { x: 100 + 34 * (index % 5), y: 100 + 30 * Math.floor(index / 5) },
    width: 60,
  }));
  const places = labelsOf(crowd, 12);
  const boxes = places.flatMap((place, index) =>
    place ? [{ left: crowd[index]!.at.x + place.x, top: crowd[index]!.at.y + place.y }] : [],
  );
  expect(boxes.length).toBeGreaterThan(8);
  for (const [index, box] of boxes.entries()) {
    for (const other of boxes.slice(index + 1)) {
      const apart = Math.abs(box.left - other.left) >= 59.99 || Math.abs(box.top - other.top) >= LABEL_HEIGHT - 0.01;
      expect(apart).toBe(true);
    }
    for (const { at } of crowd) {
      const covered = at.x > box.left && at.x < box.left + 60 && at.y > box.top && at.y < box.top + LABEL_HEIGHT;
      expect(covered).toBe(false);
    }
  }
  expect(
    labelsOf(
      crowd.map((each) => ({ ...each, width: 400 })),
      20,
    )[20],
  ).not.toBeNull();
});

test('a name stands outwards of the joints', () => {
  const [left, right] = labelsOf([
    { at: { x: 0, y: 0 }, width: 40 },
    { at: { x: 200, y: 0 }, width: 40 },
  ]);
  expect(left!.x).toBeLessThan(-40);
  expect(right!.x).toBeGreaterThan(0);
});
