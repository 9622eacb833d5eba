// Sites and limbs in a reader's words; what is scored where comes from the server.

import type { Code, Kind } from './shapes';

const WRIST: Record<string, string> = {
  CMC3: 'CMC 3',
  CMC4: 'CMC 4',
  CMC5: 'CMC 5',
  STT: 'Multangular–navicular',
  CNL: 'Capitate–navicular–lunate',
  RADCAR: 'Radiocarpal',
  MC1_BASE: 'Base of metacarpal 1',
  TRAPEZIUM: 'Multangular',
  NAVICULAR: 'Navicular',
  LUNATE: 'Lunate',
  RADIUS: 'Radius',
  ULNA: 'Ulna',
};

export const CODES: readonly Code[] = ['LH', 'RH', 'LF', 'RF'];

const LIMBS: Record<Code, string> = {
  LH: 'Left hand',
  RH: 'Right hand',
  LF: 'Left foot',
  RF: 'Right foot',
};

export function limbName(code: Code): string {
  return LIMBS[code];
}

/** `MCP 2`, `Radiocarpal`; the thumb and the great toe have the only IP. */
export function siteName(site: string): string {
  return WRIST[site] ?? site.replace(/^([A-Z]+)(\d)$/, '$1 $2');
}

/** `Left hand, MCP 2, erosion`. */
export function placeName(code: Code, site: string, kind: Kind): string {
  return `${limbName(code)}, ${siteName(site)}, ${kind}`;
}

export function otherSide(code: Code): Code {
  return `${code[0] === 'L' ? 'R' : 'L'}${code[1]}` as Code;
}

/** Visits that are called `1` or `A` alone would not be understood as visits. */
export function visitName(visit: string): string {
  return visit.length <= 2 ? `Visit ${visit}` : visit;
}

/** The same within a sentence. */
export function visitInWords(visit: string): string {
  return visit.length <= 2 ? `visit ${visit}` : visit;
}
