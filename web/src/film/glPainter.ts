/** Films painted by the graphics card through WebGL 2: one texture a film, with its halves as smaller images. */

import { after, inverse, scaleOf, type Affine } from './affine';
import type { Area, Painter, PaintJob } from './painter';
import { planeFor, type Plane } from './pyramid';
import { CORNERS, FILM } from './shaders';
import type { FilmSource } from './types';

interface Held {
  readonly texture: WebGLTexture;
  readonly planes: number;
  readonly film: FilmSource;
  /** Pixels of the largest plane for each pixel of the film, across and down. */
  readonly share: readonly [number, number];
}

const UNIFORMS = ['plane', 'planeShare', 'filmSize', 'toFilm', 'window', 'inverted', 'disc'] as const;
type Uniforms = Record<(typeof UNIFORMS)[number], WebGLUniformLocation | null>;

const ATTRIBUTES: WebGLContextAttributes = {
  alpha: false,
  antialias: false,
  depth: false,
  stencil: false,
  powerPreference: 'high-performance',
};

/** Renderers that compute pictures on the processor: there the film worker is several times as fast. */
const SOFTWARE = /swiftshader|llvmpipe|softpipe|lavapipe|basic render|software/i;

/** A painter on the canvas; null where the browser has no WebGL 2, or none but in software. */
export function glPainter(canvas: HTMLCanvasElement, softwareToo: boolean, lost: () => void): Painter | null {
  if (!softwareToo && !hasCard()) return null;
  const gl = canvas.getContext('webgl2', ATTRIBUTES);
  return gl ? new GlPainter(gl, lost) : null;
}

/** Asked of another canvas: one that has had WebGL takes nothing else any more. */
function hasCard(): boolean {
  const gl = document.createElement('canvas').getContext('webgl2', { failIfMajorPerformanceCaveat: true });
  if (!gl) return false;
  const told = gl.getExtension('WEBGL_debug_renderer_info');
  const renderer = String(gl.getParameter(told ? told.UNMASKED_RENDERER_WEBGL : gl.RENDERER));
  gl.getExtension('WEBGL_lose_context')?.loseContext();
  return !SOFTWARE.test(renderer);
}

class GlPainter implements Painter {
  readonly takesPlanes = true;
  private readonly held = new Map<string, Held>();
  private uniforms: Uniforms;
  private readonly onLost = (event: Event) => event.preventDefault();
  private readonly onRestored = () => {
    this.held.clear();
    this.uniforms = prepared(this.gl);
    this.lost();
  };

  constructor(
    private readonly gl: WebGL2RenderingContext,
    private readonly lost: () => void,
  ) {
    this.uniforms = prepared(gl);
    gl.canvas.addEventListener('webglcontextlost', this.onLost);
    gl.canvas.addEventListener('webglcontextrestored', this.onRestored);
  }

  put(film: FilmSource, planes: readonly Plane[]): void {
    const gl = this.gl;
    const most = gl.getParameter(gl.MAX_TEXTURE_SIZE) as number;
    const fitting = planes.filter((plane) => Math.max(plane.width, plane.height) <= most);
    const largest = fitting[0];
    if (!largest) return;
    const texture = gl.createTexture();
    gl.bindTexture(gl.TEXTURE_2D, texture);
    gl.texStorage2D(gl.TEXTURE_2D, fitting.length, gl.R16UI, largest.width, largest.height);
    fitting.forEach(({ width, height, levels }, index) =>
      gl.texSubImage2D(gl.TEXTURE_2D, index, 0, 0, width, height, gl.RED_INTEGER, gl.UNSIGNED_SHORT, levels),
    );
    gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_MIN_FILTER, gl.NEAREST_MIPMAP_NEAREST);
    gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_MAG_FILTER, gl.NEAREST);
    this.drop(film.id);
    const share = shareOf(film, planes[0]!, planes.length - fitting.length);
    this.held.set(film.id, { texture, planes: fitting.length, film, share });
  }

  drop(film: string): void {
    const held = this.held.get(film);
    if (held) this.gl.deleteTexture(held.texture);
    this.held.delete(film);
  }

  paint(jobs: readonly PaintJob[], painted: () => void): void {
    const gl = this.gl;
    gl.disable(gl.SCISSOR_TEST);
    gl.clearColor(0, 0, 0, 1);
    gl.clear(gl.COLOR_BUFFER_BIT);
    gl.enable(gl.SCISSOR_TEST);
    gl.viewport(0, 0, gl.drawingBufferWidth, gl.drawingBufferHeight);
    for (const job of jobs) this.paintOne(job);
    painted();
  }

  close(): void {
    for (const film of [...this.held.keys()]) this.drop(film);
    this.gl.canvas.removeEventListener('webglcontextlost', this.onLost);
    this.gl.canvas.removeEventListener('webglcontextrestored', this.onRestored);
    this.gl.getExtension('WEBGL_lose_context')?.loseContext();
  }

  private paintOne(job: PaintJob): void {
    const held = this.held.get(job.film);
    if (!held) return;
    const gl = this.gl;
    const area = upwards(job.area, gl.drawingBufferHeight);
    const across = held.share[0] / scaleOf(job.map);
    const plane = planeFor(across, held.planes);
    const { low, high } = job.window;
    gl.scissor(area.x, area.y, area.width, area.height);
    gl.bindTexture(gl.TEXTURE_2D, held.texture);
    gl.uniform1i(this.uniforms.plane, plane);
    gl.uniform2f(this.uniforms.planeShare, held.share[0] / 2 ** plane, held.share[1] / 2 ** plane);
    gl.uniform2f(this.uniforms.filmSize, held.film.width, held.film.height);
    gl.uniformMatrix3fv(this.uniforms.toFilm, false, matrixOf(job.map, gl.drawingBufferHeight));
    gl.uniform2f(this.uniforms.window, low, 1 / (high - low));
    gl.uniform1f(this.uniforms.inverted, job.inverted ? 1 : 0);
    gl.uniform3f(this.uniforms.disc, ...discOf(area, job.round));
    gl.drawArrays(gl.TRIANGLES, 0, 3);
  }
}

/** Pixels of the largest plane that fits for each of the film's; `skipped` larger ones were halved away. */
function shareOf(film: FilmSource, whole: Plane, skipped: number): readonly [number, number] {
  return [whole.width / film.width / 2 ** skipped, whole.height / film.height / 2 ** skipped];
}

function upwards(area: Area, height: number): Area {
  return { ...area, y: height - area.y - area.height };
}

function discOf(area: Area, round: boolean): [number, number, number] {
  const radius = round ? Math.min(area.width, area.height) / 2 : 0;
  return [area.x + area.width / 2, area.y + area.height / 2, radius];
}

/** From canvas pixels with y upwards to film pixels, column by column as WebGL takes it. */
function matrixOf(map: Affine, height: number): Float32Array {
  const { a, b, c, d, e, f } = after(inverse(map), { a: 1, b: 0, c: 0, d: -1, e: 0, f: height });
  return new Float32Array([a, b, 0, c, d, 0, e, f, 1]);
}

function prepared(gl: WebGL2RenderingContext): Uniforms {
  const program = gl.createProgram();
  for (const [kind, source] of [
    [gl.VERTEX_SHADER, CORNERS],
    [gl.FRAGMENT_SHADER, FILM],
  ] as const) {
    const shader = gl.createShader(kind)!;
    gl.shaderSource(shader, source);
    gl.compileShader(shader);
    gl.attachShader(program, shader);
  }
  gl.linkProgram(program);
  if (!gl.getProgramParameter(program, gl.LINK_STATUS) && !gl.isContextLost()) {
    throw new Error(`the film's shader does not link: ${gl.getProgramInfoLog(program)}`);
  }
  gl.useProgram(program);
  gl.pixelStorei(gl.UNPACK_ALIGNMENT, 2);
  const found = UNIFORMS.map((name) => [name, gl.getUniformLocation(program, name)]);
  return Object.fromEntries(found) as Uniforms;
}
