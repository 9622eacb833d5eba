// A reading as the server shows it, of whole hands and feet at some visits: what the tests walk through.

import type { Code, Kind, PlaceShown, ReadingShown, StepShown } from './shapes';

const BOTH = ['PIP2', 'PIP3', 'PIP4', 'PIP5', 'MCP1', 'MCP2', 'MCP3', 'MCP4', 'MCP5'];
const SPACES = ['CMC3', 'CMC4', 'CMC5', 'STT', 'CNL', 'RADCAR'];
const BONES = ['IP1', 'MC1_BASE', 'TRAPEZIUM', 'NAVICULAR', 'LUNATE', 'RADIUS', 'ULNA'];
const TOES = ['IP1', 'MTP1', 'MTP2', 'MTP3', 'MTP4', 'MTP5'];

export function aReading(visits: string[] = ['A', 'B'], changed: Partial<ReadingShown> = {}): ReadingShown {
  const films = Object.fromEntries(
    visits.flatMap((visit) =>
      (['LH', 'RH', 'LF', 'RF'] as const).map((code) => [`${visit}${code}`, aFilm(`${visit}${code}`, code)]),
    ),
  );
  const steps = (['LH', 'RH', 'LF', 'RF'] as const).flatMap((code) => stepsOf(code, visits));
  return {
    reading: {
      id: 'f'.repeat(32),
      study: 'Trial',
      label: 'Case 7',
      role: 'reader',
      place: 1,
      state: 'open',
      entered: 0,
      wanted: steps.flatMap((step) => step.places).length,
      committed: null,
    },
    columns: visits.map((visit) => ({
      visit,
      films: Object.fromEntries(['LH', 'RH', 'LF', 'RF'].map((code) => [code, `${visit}${code}`])),
    })),
    films,
    steps,
    sums: {},
    model_visible: false,
    ...changed,
  };
}

function stepsOf(code: Code, visits: string[]): StepShown[] {
  const isFoot = code.endsWith('F');
  const sites = isFoot ? TOES : [...BOTH, ...SPACES, ...BONES];
  const other = (code[0] === 'L' ? 'R' : 'L') + code[1];
  return sites.map((site) => ({
    code,
    site,
    point: site === 'NAVICULAR' ? 'RADCAR' : site,
    films: visits.map((visit) => visit + code),
    opposite: visits.map((visit) => visit + other),
    places: visits.flatMap((visit) => kindsAt(site, isFoot).map(([kind, most]) => aPlace(visit + code, kind, most))),
  }));
}

function kindsAt(site: string, isFoot: boolean): [Kind, number][] {
  if (isFoot) return [['narrowing', 4], ['erosion', 10]]; // prettier-ignore
  if (BOTH.includes(site)) return [['narrowing', 4], ['erosion', 5]]; // prettier-ignore
  return SPACES.includes(site) ? [['narrowing', 4]] : [['erosion', 5]];
}

function aPlace(film: string, kind: Kind, maximum: number): PlaceShown {
  return { film, kind, maximum, status: 'unscored', grade: null, reason: '', readers: null };
}

function aFilm(id: string, code: Code): ReadingShown['films'][string] {
  return {
    id,
    limb: code.endsWith('F') ? 'foot' : 'hand',
    side: code[0] as 'L' | 'R',
    width: 800,
    height: 1000,
    spacing_mm: null,
    pixels: `/api/films/${id}/pixels`,
    points: {
      MCP2: { x: 400, y: 500, crop_px: 120 },
      PIP2: { x: 400, y: 300, crop_px: 120 },
      RADCAR: { x: 300, y: 800, crop_px: 170 },
    },
    turn_cw_deg: 0,
    mirrored: code.startsWith('R'),
  };
}
