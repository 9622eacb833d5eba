// Where sites stand on the sheet: a left hand and a left foot with the digits up, 116 units wide; the right ones are
// mirrored. The wrist is drawn larger than it is, so that its sites can be told apart and pressed.

export interface Spot {
  x: number;
  y: number;
}

export const WIDTH = 116;
export const HEIGHTS = { hand: 118, foot: 58 } as const;

export const HAND: Record<string, Spot> = {
  PIP5: { x: 12, y: 25 },
  PIP4: { x: 35, y: 13 },
  PIP3: { x: 58, y: 8 },
  PIP2: { x: 81, y: 14 },
  MCP5: { x: 14, y: 46 },
  MCP4: { x: 36, y: 38 },
  MCP3: { x: 58, y: 35 },
  MCP2: { x: 80, y: 38 },
  IP1: { x: 109, y: 34 },
  MCP1: { x: 102, y: 52 },
  CMC5: { x: 21, y: 65 },
  CMC4: { x: 37, y: 61 },
  CMC3: { x: 53, y: 59 },
  STT: { x: 69, y: 64 },
  TRAPEZIUM: { x: 81, y: 75 },
  MC1_BASE: { x: 94, y: 69 },
  CNL: { x: 49, y: 76 },
  NAVICULAR: { x: 65, y: 82 },
  LUNATE: { x: 35, y: 85 },
  RADCAR: { x: 53, y: 93 },
  RADIUS: { x: 70, y: 106 },
  ULNA: { x: 25, y: 106 },
};

export const FOOT: Record<string, Spot> = {
  MTP5: { x: 12, y: 42 },
  MTP4: { x: 35, y: 34 },
  MTP3: { x: 57, y: 28 },
  MTP2: { x: 80, y: 25 },
  MTP1: { x: 103, y: 29 },
  IP1: { x: 103, y: 9 },
};

/** Bones as lines between sites, to make a hand of them; beyond the last joint they end at a spot. */
export const HAND_LINES: readonly [string, string | Spot][] = [
  ...[2, 3, 4, 5].map((digit): [string, string] => [`MCP${digit}`, `PIP${digit}`]),
  ['MCP1', 'IP1'],
  ['MC1_BASE', 'MCP1'],
  ['CMC5', 'MCP5'],
  ['CMC4', 'MCP4'],
  ['CMC3', 'MCP3'],
  ['STT', 'MCP2'],
  ['RADIUS', { x: 70, y: 118 }],
  ['ULNA', { x: 25, y: 118 }],
];

export const FOOT_LINES: readonly [string, string | Spot][] = [
  ['MTP1', 'IP1'],
  ...[2, 3, 4, 5].map((digit): [string, Spot] => [
    `MTP${digit}`,
    { x: [0, 0, 81, 57, 33, 9][digit] ?? 0, y: 3 + 2 * digit },
  ]),
  ...[1, 2, 3, 4, 5].map((digit): [string, Spot] => [`MTP${digit}`, { x: [0, 91, 75, 60, 46, 32][digit] ?? 0, y: 58 }]),
];
