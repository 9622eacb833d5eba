// Joints in a marker's words, and what is known of each: nothing yet, the model's proposal, a mark, or that it cannot be
// seen. Which joints a limb has comes with the drawing, which has a place for each.

import type { Schema } from '$lib/api';
import { DRAWINGS } from './limbDrawings';

export type Limb = 'hand' | 'foot';
export type Mark = Schema<'MarkShown'>;
export type Marks = Readonly<Record<string, Mark>>;
export type ModelPoints = Schema<'ModelView'>['points'];

export type JointState = 'open' | 'proposed' | 'marked' | 'unseen';

/** A joint of the film; `x` and `y` null where it has no place; `confidence` the model's, of its own point. */
export interface Joint {
  name: string;
  words: string;
  state: JointState;
  x: number | null;
  y: number | null;
  confidence: number | null;
}

const WRIST: Record<string, string> = {
  CMC3: 'CMC 3',
  CMC4: 'CMC 4',
  CMC5: 'CMC 5',
  STT: 'Multangular–navicular',
  CNL: 'Capitate–navicular–lunate',
  RADCAR: 'Radiocarpal',
  MC1_BASE: 'Base of metacarpal 1',
  TRAPEZIUM: 'Multangular',
  LUNATE: 'Lunate',
  RADIUS: 'Radius',
  ULNA: 'Ulna',
};

const BESIDE: Record<string, string> = {
  STT: 'STT',
  CNL: 'CNL',
  RADCAR: 'Radiocarpal',
  MC1_BASE: 'MC 1 base',
};

/** `MCP 2`, `Base of metacarpal 1`. */
export function jointWords(name: string): string {
  return WRIST[name] ?? name.replace(/^([A-Z]+)(\d)$/, '$1 $2');
}

/** The same in as few letters as stand beside a joint. */
export function jointLabel(name: string): string {
  return BESIDE[name] ?? jointWords(name);
}

/** Joints of a limb in the order in which they are asked. */
export function jointsOf(limb: Limb, marks: Marks, proposed: ModelPoints): Joint[] {
  return Object.keys(DRAWINGS[limb].places).map((name) => {
    const [mark, point] = [marks[name], proposed[name]];
    const known = { name, words: jointWords(name), confidence: point?.confidence ?? null };
    if (mark) {
      const [x, y] = [mark.x ?? null, mark.y ?? null];
      return { ...known, state: x === null ? 'unseen' : 'marked', x, y };
    }
    if (point) return { ...known, state: 'proposed', x: point.x, y: point.y };
    return { ...known, state: 'open', x: null, y: null };
  });
}

/** What a joint's state is called. */
export function stateWords({ state, confidence }: Joint): string {
  if (state === 'marked') return 'marked';
  if (state === 'unseen') return 'not visible';
  if (state === 'open') return 'to be marked';
  return confidence === null ? 'proposed' : `proposed, ${percent(confidence)} sure`;
}

/** The next joint that wants something, after one and round: those without any point first. */
export function nextAsked(joints: readonly Joint[], after: string | null): string | null {
  const from = joints.findIndex((joint) => joint.name === after) + 1;
  const round = [...joints.slice(from), ...joints.slice(0, from)];
  const open = round.find((joint) => joint.state === 'open' && joint.name !== after);
  const proposed = round.find((joint) => joint.state === 'proposed' && joint.name !== after);
  return open?.name ?? proposed?.name ?? null;
}

/** How many are marked or said to be not visible. */
export function settled(joints: readonly Joint[]): number {
  return joints.filter((joint) => joint.state === 'marked' || joint.state === 'unseen').length;
}

/** Of the joints that are only proposed, those that the model is least sure of, the worst first. */
export function leastSure(joints: readonly Joint[], most: number, below = 0.6): Joint[] {
  const known = joints.filter(
    ({ state, confidence }) => state === 'proposed' && confidence !== null && confidence < below,
  );
  return known.sort((one, other) => one.confidence! - other.confidence!).slice(0, most);
}

export function percent(share: number): string {
  return `${Math.round(100 * share)} %`;
}
