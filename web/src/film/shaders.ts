/**
 * The film on the graphics card: levels as whole numbers (R16UI), blended, windowed and turned in one pass.
 *
 * Textures of whole numbers are not blended by the card, and those of floating point not on every tablet, so four
 * texels are fetched and blended here.
 */

export const CORNERS = `#version 300 es
void main() {
  vec2 corner = vec2(gl_VertexID == 1 ? 3.0 : -1.0, gl_VertexID == 2 ? 3.0 : -1.0);
  gl_Position = vec4(corner, 0.0, 1.0);
}`;

export const FILM = `#version 300 es
precision highp float;
precision highp int;
precision highp usampler2D;
uniform usampler2D levels;
uniform int plane;
uniform vec2 planeShare;   // of a film's pixels that the plane has, across and down
uniform vec2 filmSize;
uniform mat3 toFilm;       // canvas pixels, y up, to film pixels
uniform vec2 window;       // level that is black, and grey for each level above it
uniform float inverted;
uniform vec3 disc;         // centre and radius in canvas pixels, y up; radius 0 for none
out vec4 colour;

float level(ivec2 at, ivec2 last) {
  return float(texelFetch(levels, clamp(at, ivec2(0), last), plane).r);
}

void main() {
  if (disc.z > 0.0 && distance(gl_FragCoord.xy, disc.xy) > disc.z) discard;
  vec2 film = (toFilm * vec3(gl_FragCoord.xy, 1.0)).xy;
  if (any(lessThan(film, vec2(-0.5))) || any(greaterThan(film, filmSize - 0.5))) {
    colour = vec4(0.0, 0.0, 0.0, 1.0);
    return;
  }
  vec2 at = (film + 0.5) * planeShare - 0.5;
  ivec2 first = ivec2(floor(at));
  ivec2 last = textureSize(levels, plane) - 1;
  vec2 part = at - floor(at);
  float above = mix(level(first, last), level(first + ivec2(1, 0), last), part.x);
  float below = mix(level(first + ivec2(0, 1), last), level(first + ivec2(1, 1), last), part.x);
  float grey = clamp((mix(above, below, part.y) - window.x) * window.y, 0.0, 1.0);
  colour = vec4(vec3(abs(inverted - grey)), 1.0);
}`;
