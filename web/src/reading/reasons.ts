// Why a place has no grade: the choices behind N, each one digit away, and how far one of them reaches.

import type { WithoutGrade } from './shapes';

export interface Choice {
  key: string;
  status: WithoutGrade;
  /** Kept with the score; "" where the reader has to write it. */
  reason: string;
  label: string;
}

export const CHOICES: readonly Choice[] = [
  {
    key: '1',
    status: 'not visible',
    reason: 'outside the film or covered',
    label: 'Not visible: outside the film or covered',
  },
  {
    key: '2',
    status: 'not assessable',
    reason: 'bones overlap or the joint is flexed',
    label: 'Not assessable: overlap or flexion',
  },
  {
    key: '3',
    status: 'poor quality',
    reason: 'exposure, blur or motion',
    label: 'Poor quality: exposure, blur or motion',
  },
  {
    key: '4',
    status: 'surgically altered',
    reason: 'prosthesis, fusion or resection',
    label: 'Surgically altered: prosthesis, fusion, resection',
  },
  {
    key: '5',
    status: 'amputated',
    reason: 'amputated',
    label: 'Amputated',
  },
  {
    key: '6',
    status: 'not assessable',
    reason: '',
    label: 'Not assessable for another reason: write it',
  },
];

/** How far a choice reaches: this score; both kinds at this site; everything still unscored on this film. */
export type Reach = 'score' | 'joint' | 'film';
export const REACHES: readonly Reach[] = ['score', 'joint', 'film'];

export function nextReach(reach: Reach): Reach {
  return REACHES[(REACHES.indexOf(reach) + 1) % REACHES.length] ?? 'score';
}
