// What each grade means, by the Sharp/van der Heijde method.
//
// Sources: CDISC COSMoS and the table of van der Heijde, J Rheumatol 2000;27:261. A foot's erosion is the sum of both
// sides of the joint, 0 to 5 each.

import type { Kind } from './shapes';

export interface GradeText {
  /** One or several grades: `2–3`. */
  grades: string;
  /** A word or two for a button. */
  short: string;
  /** The definition. */
  full: string;
}

const NARROWING: readonly GradeText[] = [
  { grades: '0', short: 'normal', full: 'Normal joint space.' },
  { grades: '1', short: 'focal', full: 'Focal or minimal narrowing.' },
  {
    grades: '2',
    short: '< 50 %',
    full: 'Generalised narrowing, less than 50 % of the joint space lost.',
  },
  {
    grades: '3',
    short: '> 50 %',
    full: 'Generalised narrowing, more than 50 % of the joint space lost, or subluxation.',
  },
  {
    grades: '4',
    short: 'ankylosis',
    full: 'Bony ankylosis, or complete dislocation.',
  },
];

const EROSION: readonly GradeText[] = [
  { grades: '0', short: 'none', full: 'No erosion.' },
  { grades: '1', short: 'discrete', full: 'Discrete erosion.' },
  {
    grades: '2',
    short: 'larger',
    full: 'Larger erosion, by the surface involved.',
  },
  {
    grades: '3',
    short: 'large',
    full: 'Larger still, by the surface involved, not over the middle of the bone.',
  },
  {
    grades: '4',
    short: 'past middle',
    full: 'Erosion extends over the middle of the bone.',
  },
  {
    grades: '5',
    short: 'collapse',
    full: 'Complete collapse of the bone.',
  },
];

const FOOT_EROSION: readonly GradeText[] = [
  {
    grades: '0',
    short: 'none',
    full: 'No erosion on either side of the joint.',
  },
  {
    grades: '1–9',
    short: 'both sides',
    full: 'The sum of both sides: each bone by itself 0 none, 1 discrete, 2–3 larger by the surface involved, 4 over the middle, 5 complete collapse.',
  },
  {
    grades: '10',
    short: 'both collapsed',
    full: 'Complete collapse on both sides of the joint.',
  },
];

/** The definitions of a place's grades; a highest grade of 10 is a foot's erosion. */
export function gradeTexts(kind: Kind, maximum: number): readonly GradeText[] {
  if (kind === 'narrowing') return NARROWING;
  return maximum > 5 ? FOOT_EROSION : EROSION;
}

/** The word below one grade's button. */
export function shortText(kind: Kind, maximum: number, grade: number): string {
  if (kind === 'erosion' && maximum > 5) return grade === 0 ? 'none' : grade === maximum ? 'both collapsed' : '';
  return gradeTexts(kind, maximum).find((each) => each.grades === String(grade))?.short ?? '';
}
