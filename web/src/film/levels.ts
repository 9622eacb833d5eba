/** A film's levels from the server: unsigned 16-bit numbers, little-endian, row by row, dense tissue bright. */

import type { Plane } from './pyramid';

/** The server was reached and gave no film; `status` is HTTP's. */
export class Unavailable extends Error {
  constructor(
    readonly status: number,
    problem: string,
  ) {
    super(problem);
  }
}

/** The film, or one `shrink` times smaller; raises Unavailable, or TypeError where the server cannot be reached. */
export async function fetchPlane(address: string, shrink: number, signal: AbortSignal): Promise<Plane> {
  const answer = await fetch(shrink === 1 ? address : `${address}?shrink=${shrink}`, {
    signal,
    credentials: 'same-origin',
  });
  if (!answer.ok) throw new Unavailable(answer.status, await problemOf(answer));
  const [width, height] = [sizeOf(answer, 'X-Film-Width'), sizeOf(answer, 'X-Film-Height')];
  const body = await answer.arrayBuffer();
  if (body.byteLength !== 2 * width * height) throw new TypeError('the film was cut short on its way');
  return { width, height, levels: inOwnOrder(body) };
}

function sizeOf(answer: Response, header: string): number {
  return Number(answer.headers.get(header) ?? 0);
}

async function problemOf(answer: Response): Promise<string> {
  try {
    return String(((await answer.json()) as { problem?: string }).problem ?? '');
  } catch {
    return '';
  }
}

/** Numbers in this machine's order of bytes, which is the server's on every machine but a few. */
function inOwnOrder(body: ArrayBuffer): Uint16Array {
  const levels = new Uint16Array(body);
  if (new Uint8Array(new Uint16Array([1]).buffer)[0] === 1) return levels;
  return levels.map((level) => ((level & 0xff) << 8) | (level >> 8));
}
