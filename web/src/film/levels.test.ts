import { afterEach, expect, test, vi } from 'vitest';
import { after, moved, scaled, turned } from './affine';
import { fetchPlane, Unavailable } from './levels';
import type { PaintJob } from './painter';
import { bytesOf, halved, planeFor, pyramidOf, type Plane } from './pyramid';
import { Lookup, resampled, type Picture } from './resample';
import { adjusted, adjustedBy, greysOf, histogramOf, ownWindow, UNADJUSTED } from './window';

const planeOf = (width: number, height: number, level: (x: number, y: number) => number): Plane => ({
  width,
  height,
  levels: Uint16Array.from({ length: width * height }, (_, at) => level(at % width, Math.floor(at / width))),
});

afterEach(() => vi.unstubAllGlobals());

test('levels come as the server sends them: little-endian, row by row', async () => {
  const body = new Uint8Array([1, 0, 0, 1, 255, 255, 0, 128, 2, 0, 3, 0]).buffer;
  const headers = { 'X-Film-Width': '3', 'X-Film-Height': '2' };
  const fetched = vi.fn(() => Promise.resolve(new Response(body, { headers })));
  vi.stubGlobal('fetch', fetched);
  const plane = await fetchPlane('/film', 4, new AbortController().signal);
  expect([...plane.levels]).toEqual([1, 256, 65535, 32768, 2, 3]);
  expect(fetched).toHaveBeenCalledWith('/film?shrink=4', expect.anything());
});

test("a refusal carries the server's words, a film cut short is none", async () => {
  const stop = new AbortController().signal;
  vi.stubGlobal('fetch', () => Promise.resolve(Response.json({ problem: 'there is no such film' }, { status: 404 })));
  await expect(fetchPlane('/film', 1, stop)).rejects.toEqual(new Unavailable(404, 'there is no such film'));
  const headers = { 'X-Film-Width': '3', 'X-Film-Height': '2' };
  vi.stubGlobal('fetch', () => Promise.resolve(new Response(new Uint8Array(11), { headers })));
  await expect(fetchPlane('/film', 1, stop)).rejects.toThrow('cut short');
});

test('half a film is the mean of each four levels, without an odd last row or column', () => {
  const half = halved(planeOf(5, 3, (x, y) => 10 * x + 100 * y));
  expect(half).toMatchObject({ width: 2, height: 1 });
  expect([...half.levels]).toEqual([55, 75]);
  expect([...halved(planeOf(2, 2, () => 65535)).levels]).toEqual([65535]);
});

test('a pyramid ends where a plane is small, and is a third larger than its film', () => {
  const planes = pyramidOf(planeOf(1000, 700, () => 7));
  expect(planes.map((plane) => plane.width)).toEqual([1000, 500, 250]);
  expect(bytesOf(planes)).toBe(2 * (1000 * 700 + 500 * 350 + 250 * 175));
  expect(pyramidOf(planeOf(4000, 1, () => 7))).toHaveLength(1);
});

test('the plane is that whose pixels are nearest to those of the screen', () => {
  expect([0.2, 1, 1.3, 1.6, 2.7, 3, 50].map((across) => planeFor(across, 4))).toEqual([0, 0, 0, 1, 1, 2, 3]);
});

test("a film's own window spans its tissue and leaves out borders and burned-in letters", () => {
  const levels = new Uint16Array(10_000).fill(0);
  levels.fill(65535, 0, 500);
  for (let at = 500; at < 6000; at++) levels[at] = 20_000 + ((at * 7) % 10_000);
  const own = ownWindow(histogramOf(levels));
  expect(own.low).toBeGreaterThan(19_900);
  expect(own.low).toBeLessThan(20_200);
  expect(own.high).toBeGreaterThan(29_800);
  expect(own.high).toBeLessThan(30_100);
});

test('a film of one level, or of borders alone, still has a window', () => {
  expect(ownWindow(histogramOf(new Uint16Array(100)))).toEqual({ low: 0, high: 65535 });
  const { low, high } = ownWindow(histogramOf(new Uint16Array(100).fill(5000)));
  expect(high).toBeGreaterThan(low);
});

test('in step, a dark and a bright film change alike', () => {
  const change = adjustedBy(UNADJUSTED, 0.25, 1);
  expect(adjusted({ low: 1000, high: 2000 }, change)).toEqual({ low: 1500, high: 2000 });
  expect(adjusted({ low: 10_000, high: 30_000 }, change)).toEqual({ low: 20_000, high: 30_000 });
});

test('a window goes no further than shows anything', () => {
  const far = adjustedBy(UNADJUSTED, 99, 99);
  expect(far).toEqual({ level: 2, narrower: 6, inverted: false });
  const { low, high } = adjusted({ low: 0, high: 100 }, far);
  expect(high - low).toBe(64);
});

test('black and white lie at the ends of the window, exchanged where it is inverted', () => {
  const greys = greysOf({ low: 1000, high: 3000 }, false);
  expect([greys[0], greys[1000], greys[2000], greys[3000], greys[65535]]).toEqual([0, 0, 128, 255, 255]);
  expect(greysOf({ low: 1000, high: 3000 }, true)[1000]).toBe(255);
});

const jobOf = (map: PaintJob['map'], change: Partial<PaintJob> = {}): PaintJob => ({
  film: 'f',
  map,
  area: { x: 0, y: 0, width: 8, height: 6 },
  window: { low: 0, high: 255 },
  inverted: false,
  round: false,
  ...change,
});

function greysIn(job: PaintJob, plane: Plane, width = 8, height = 6): number[][] {
  const picture: Picture = { width, height, pixels: new Uint32Array(width * height).fill(0xff000000) };
  const film = { id: 'f', pixels: '', width: plane.width, height: plane.height };
  resampled(picture, job, { film, planes: [plane] }, new Lookup().of(job));
  return Array.from({ length: height }, (_, row) =>
    [...picture.pixels.slice(row * width, (row + 1) * width)].map((pixel) => pixel & 0xff),
  );
}

test('without a graphics card a film at its own size is itself', () => {
  const plane = planeOf(8, 6, (x, y) => 10 * x + y);
  const found = greysIn(jobOf(moved(0.5, 0.5)), plane);
  expect(found[0]).toEqual([0, 10, 20, 30, 40, 50, 60, 70]);
  expect(found[5]![7]).toBe(75);
});

test('enlarged it is blended, turned it lies otherwise, beyond it is black', () => {
  const ramp = planeOf(4, 3, (x) => 40 * x);
  expect(greysIn(jobOf(after(moved(1, 1), scaled(2))), ramp)[2]).toEqual([0, 10, 30, 50, 70, 90, 110, 120]);
  const upright = greysIn(jobOf(after(moved(3.5, 0.5), turned(90))), ramp);
  expect(upright.map((row) => row[2])).toEqual([0, 40, 80, 120, 0, 0]);
  expect(upright[0]![7]).toBe(0);
});

test('an area is not left, and a round one is a disc', () => {
  const white = planeOf(40, 40, () => 255);
  const area = { x: 2, y: 1, width: 4, height: 4 };
  const square = greysIn(jobOf(moved(-3, -3), { area }), white);
  expect(square.flat().filter((grey) => grey === 255)).toHaveLength(16);
  const disc = greysIn(jobOf(moved(-3, -3), { area, round: true }), white);
  expect(disc[1]![2]).toBe(0);
  expect(disc[2]![3]).toBe(255);
});

test('a film that came in a quarter of its size lies where the whole one will', () => {
  const coarse = planeOf(10, 10, (x) => (x < 5 ? 0 : 200));
  const picture: Picture = { width: 40, height: 1, pixels: new Uint32Array(40) };
  const job = jobOf(moved(0.5, -20), { area: { x: 0, y: 0, width: 40, height: 1 } });
  const film = { id: 'f', pixels: '', width: 40, height: 40 };
  resampled(picture, job, { film, planes: [coarse] }, new Lookup().of(job));
  const greys = [...picture.pixels].map((pixel) => pixel & 0xff);
  expect(greys.indexOf(greys.find((grey) => grey >= 100)!)).toBe(20);
});
