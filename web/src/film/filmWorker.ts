/** Beside the page: fetches films, halves them and finds their windows; paints them where there is no graphics card. */

import { fetchPlane, Unavailable } from './levels';
import type { FromWorker, ToWorker } from './messages';
import { bytesOf, pyramidOf } from './pyramid';
import { Lookup, resampled, type Picture, type Pyramid } from './resample';
import type { FilmSource } from './types';
import { histogramOf, ownWindow } from './window';

const kept = new Map<string, Pyramid>();
const lookups = new Map<string, Lookup>();
const loading = new Map<string, AbortController>();
const BLACK = 0xff000000;

function tell(message: FromWorker, hand: Transferable[] = []): void {
  (self as unknown as { postMessage(message: FromWorker, hand: Transferable[]): void }).postMessage(message, hand);
}

self.onmessage = ({ data }: MessageEvent<ToWorker>) => {
  if (data.kind === 'load') void load(data.film, data.shrink, data.keep);
  else if (data.kind === 'cancel') loading.get(data.film)?.abort();
  else if (data.kind === 'drop') forget(data.film);
  else paint(data);
};

async function load(film: FilmSource, shrink: number, keep: boolean): Promise<void> {
  const stop = new AbortController();
  loading.set(film.id, stop);
  try {
    const planes = pyramidOf(await fetchPlane(film.pixels, shrink, stop.signal));
    const own = ownWindow(histogramOf(planes[Math.min(shrink === 1 ? 1 : 0, planes.length - 1)]!.levels));
    const loaded = { kind: 'loaded', film: film.id, shrink, bytes: bytesOf(planes), own } as const;
    if (keep) kept.set(film.id, { film, planes });
    if (keep) tell({ ...loaded, planes: [] });
    else
      tell(
        { ...loaded, planes },
        planes.map((plane) => plane.levels.buffer),
      );
  } catch (failure) {
    if (stop.signal.aborted) return;
    const [status, problem] = failure instanceof Unavailable ? [failure.status, failure.message] : [0, ''];
    tell({ kind: 'failed', film: film.id, shrink, status, problem });
  } finally {
    if (loading.get(film.id) === stop) loading.delete(film.id);
  }
}

function forget(film: string): void {
  kept.delete(film);
  lookups.delete(film);
}

function paint({ jobs, width, height, buffer }: Extract<ToWorker, { kind: 'paint' }>): void {
  const begun = performance.now();
  const fitting = buffer?.byteLength === 4 * width * height ? buffer : new ArrayBuffer(4 * width * height);
  const picture: Picture = { width, height, pixels: new Uint32Array(fitting) };
  picture.pixels.fill(BLACK);
  for (const job of jobs) {
    const pyramid = kept.get(job.film);
    if (pyramid) resampled(picture, job, pyramid, lookupOf(job.film).of(job));
  }
  tell({ kind: 'painted', buffer: fitting, width, height, ms: performance.now() - begun }, [fitting]);
}

function lookupOf(film: string): Lookup {
  const found = lookups.get(film) ?? new Lookup();
  lookups.set(film, found);
  return found;
}
