/**
 * Films painted by the film worker, for pages without a graphics card: one picture at a time is asked for, of what is
 * wanted then, so that a slow machine drops pictures instead of falling behind.
 *
 * Where a picture takes too long while something moves, it is computed at half the size and once more when all is still.
 */

import { after, scaled } from './affine';
import type { FromWorker, Painted, ToWorker } from './messages';
import type { Painter, PaintJob } from './painter';

const TOO_LONG_MS = 14;
const STILL_AFTER_MS = 120;

interface Asked {
  readonly jobs: readonly PaintJob[];
  readonly painted: () => void;
}

export class WorkerPainter implements Painter {
  readonly takesPlanes = false;
  private readonly small = document.createElement('canvas');
  private readonly context: CanvasRenderingContext2D;
  private inHand: Asked | null = null;
  private next: Asked | null = null;
  private buffer: ArrayBuffer | null = null;
  private halves = 1;
  private msOfWhole = 0;
  private still: ReturnType<typeof setTimeout> | undefined;
  private readonly hear = ({ data }: MessageEvent<FromWorker>) => {
    if (data.kind === 'painted') this.show(data);
  };

  constructor(
    private readonly canvas: HTMLCanvasElement,
    private readonly worker: Worker,
  ) {
    this.context = canvas.getContext('2d', { alpha: false })!;
    worker.addEventListener('message', this.hear);
  }

  put(): void {}

  drop(film: string): void {
    this.tell({ kind: 'drop', film });
  }

  paint(jobs: readonly PaintJob[], painted: () => void): void {
    clearTimeout(this.still);
    this.next = { jobs, painted };
    this.halves = this.msOfWhole > TOO_LONG_MS ? 2 : 1;
    if (!this.inHand) this.ask();
  }

  close(): void {
    clearTimeout(this.still);
    this.worker.removeEventListener('message', this.hear);
    this.inHand = this.next = null;
  }

  private ask(): void {
    this.inHand = this.next;
    this.next = null;
    if (!this.inHand) return;
    const jobs = this.inHand.jobs.map((job) => this.smaller(job));
    const [width, height] = [this.canvas.width, this.canvas.height].map((side) => Math.ceil(side / this.halves));
    const [buffer, hand] = [this.buffer, this.buffer ? [this.buffer] : []];
    this.buffer = null;
    this.tell({ kind: 'paint', jobs, width: width!, height: height!, buffer }, hand);
  }

  private smaller(job: PaintJob): PaintJob {
    if (this.halves === 1) return job;
    const { x, y, width, height } = job.area;
    const area = { x: x / 2, y: y / 2, width: width / 2, height: height / 2 };
    return { ...job, area, map: after(scaled(0.5), job.map) };
  }

  private show({ buffer, width, height, ms }: Painted): void {
    const shown = this.inHand;
    const factor = Math.round(this.canvas.width / width);
    this.msOfWhole = ms * factor * factor;
    const picture = new ImageData(new Uint8ClampedArray(buffer), width, height);
    if (factor === 1) this.context.putImageData(picture, 0, 0);
    else this.showLarger(picture, factor);
    this.buffer = buffer;
    shown?.painted();
    if (factor !== 1 && shown && !this.next) {
      this.still = setTimeout(() => this.sharpen(shown), STILL_AFTER_MS);
    }
    this.ask();
  }

  private showLarger(picture: ImageData, factor: number): void {
    if (this.small.width !== picture.width) this.small.width = picture.width;
    if (this.small.height !== picture.height) this.small.height = picture.height;
    this.small.getContext('2d')!.putImageData(picture, 0, 0);
    this.context.drawImage(this.small, 0, 0, factor * picture.width, factor * picture.height);
  }

  private sharpen(shown: Asked): void {
    this.next = shown;
    this.halves = 1;
    if (!this.inHand) this.ask();
  }

  private tell(message: ToWorker, hand: Transferable[] = []): void {
    this.worker.postMessage(message, hand);
  }
}
