// Small pictures of films for lists: a sixteenth of the film, windowed once, a few asked for at a time.

import { levels } from './api';

const AT_A_TIME = 3;
const KEPT = 600;
const kept = new Map<string, Promise<ImageData>>();
const waiting: (() => void)[] = [];
let running = 0;

/** The film, at most `1/shrink` of its size, as grey pixels. */
export function thumbnail(film: string, shrink = 16): Promise<ImageData> {
  const key = `${film} ${shrink}`;
  const known = kept.get(key);
  if (known) return known;
  const asked = inTurn(async () => {
    const { data, width, height } = await levels(`/api/films/${film}/pixels?shrink=${shrink}`);
    return pictured(data, width, height);
  });
  kept.set(key, asked);
  asked.catch(() => kept.delete(key));
  for (const oldest of kept.keys()) {
    if (kept.size <= KEPT) break;
    kept.delete(oldest);
  }
  return asked;
}

/** Grey from the 1st to the 99.5th percentile of levels. */
export function windowOf(data: Uint16Array): { low: number; high: number } {
  const counts = new Uint32Array(256);
  for (const level of data) counts[level >> 8]! += 1;
  const at = (share: number) => {
    let left = share * data.length;
    for (let bin = 0; bin < 256; bin++) {
      left -= counts[bin]!;
      if (left < 0) return bin * 256;
    }
    return 65535;
  };
  const low = at(0.01);
  return { low, high: Math.max(at(0.995) + 255, low + 256) };
}

function pictured(data: Uint16Array, width: number, height: number): ImageData {
  const { low, high } = windowOf(data);
  const pixels = new Uint8ClampedArray(4 * data.length);
  data.forEach((level, index) => {
    const grey = (255 * (level - low)) / (high - low);
    pixels.fill(grey, 4 * index, 4 * index + 3);
    pixels[4 * index + 3] = 255;
  });
  return new ImageData(pixels, width, height);
}

async function inTurn<T>(work: () => Promise<T>): Promise<T> {
  if (running >= AT_A_TIME) await new Promise<void>((resolve) => waiting.push(resolve));
  running++;
  try {
    return await work();
  } finally {
    running--;
    waiting.shift()?.();
  }
}
