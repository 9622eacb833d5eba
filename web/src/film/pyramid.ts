/** A film at full size and at halves of it, so that a small view is a mean of its levels and not every third one. */

export interface Plane {
  readonly width: number;
  readonly height: number;
  readonly levels: Uint16Array;
}

/** Largest side of the smallest plane. */
const SMALL_ENOUGH = 256;

/** The plane and its halves, largest first. */
export function pyramidOf(plane: Plane): Plane[] {
  const planes = [plane];
  for (let last = plane; Math.max(last.width, last.height) > SMALL_ENOUGH;) {
    if (Math.min(last.width, last.height) < 2) break;
    last = halved(last);
    planes.push(last);
  }
  return planes;
}

/** Each 2 x 2 levels as their mean; an odd last row or column is left out, as in a texture's own smaller images. */
export function halved(plane: Plane): Plane {
  const [width, height] = [plane.width >> 1, plane.height >> 1];
  const levels = new Uint16Array(width * height);
  for (let row = 0, to = 0; row < height; row++) {
    let from = 2 * row * plane.width;
    let below = from + plane.width;
    for (let column = 0; column < width; column++, from += 2, below += 2) {
      const sum = plane.levels[from]! + plane.levels[from + 1]! + plane.levels[below]! + plane.levels[below + 1]!;
      levels[to++] = (sum + 2) >> 2;
    }
  }
  return { width, height, levels };
}

/** Which plane suits a view: the one whose pixels are nearest in size to the screen's. */
export function planeFor(pixelsAcross: number, planes: number): number {
  const wanted = Math.round(Math.log2(Math.max(1, pixelsAcross)));
  return Math.min(planes - 1, Math.max(0, wanted));
}

/** Bytes of levels that a pyramid holds. */
export function bytesOf(planes: readonly Plane[]): number {
  return planes.reduce((sum, plane) => sum + plane.levels.byteLength, 0);
}
