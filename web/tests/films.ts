// Rows of a library for tests: four films for each visit of each patient.

import type { FilmRow } from '../src/pages/films/library';

export function films(patients: string[], visits: string[]): FilmRow[] {
  return patients.flatMap((patient) =>
    visits.flatMap((visit) =>
      (['LH', 'RH', 'LF', 'RF'] as const).map((code) => ({
        id: `${patient} ${visit} ${code}`,
        file: `trial/images/${patient}V${visit}-${code}.png`,
        patient,
        visit,
        date: null,
        limb: code[1] === 'H' ? ('hand' as const) : ('foot' as const),
        side: code[0] as 'L' | 'R',
        width: 100,
        height: 100,
        sha256: `${patient}${visit}${code}`,
      })),
    ),
  );
}
