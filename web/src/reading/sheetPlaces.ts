// Where sites stand on the sheet: a left hand and a left foot with the digits up, 108 units wide; the right ones are
// mirrored. The wrist is drawn larger than it is, so that its sites can be told apart and pressed.

export interface Spot {
  x: number;
  y: number;
}

export const WIDTH = 108;
export const HEIGHTS = { hand: 108, foot: 56 } as const;

export const HAND: Record<string, Spot> = {
  PIP5: { x: 12, y: 24 },
  PIP4: { x: 33, y: 13 },
  PIP3: { x: 54, y: 9 },
  PIP2: { x: 75, y: 15 },
  MCP5: { x: 15, y: 44 },
  MCP4: { x: 35, y: 37 },
  MCP3: { x: 55, y: 35 },
  MCP2: { x: 75, y: 38 },
  IP1: { x: 99, y: 36 },
  MCP1: { x: 94, y: 52 },
  CMC5: { x: 20, y: 62 },
  CMC4: { x: 35, y: 59 },
  CMC3: { x: 50, y: 58 },
  STT: { x: 65, y: 64 },
  TRAPEZIUM: { x: 77, y: 72 },
  MC1_BASE: { x: 89, y: 66 },
  CNL: { x: 46, y: 73 },
  NAVICULAR: { x: 61, y: 79 },
  LUNATE: { x: 34, y: 81 },
  RADCAR: { x: 50, y: 88 },
  RADIUS: { x: 66, y: 98 },
  ULNA: { x: 24, y: 98 },
};

export const FOOT: Record<string, Spot> = {
  MTP5: { x: 12, y: 40 },
  MTP4: { x: 32, y: 32 },
  MTP3: { x: 52, y: 26 },
  MTP2: { x: 73, y: 24 },
  MTP1: { x: 95, y: 28 },
  IP1: { x: 95, y: 10 },
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
  ['RADIUS', { x: 66, y: 108 }],
  ['ULNA', { x: 24, y: 108 }],
];

export const FOOT_LINES: readonly [string, string | Spot][] = [
  ['MTP1', 'IP1'],
  ...[2, 3, 4, 5].map((digit): [string, Spot] => [
    `MTP${digit}`,
    { x: [0, 0, 74, 52, 30, 9][digit] ?? 0, y: 3 + 2 * digit },
  ]),
  ...[1, 2, 3, 4, 5].map((digit): [string, Spot] => [`MTP${digit}`, { x: [0, 84, 70, 56, 43, 30][digit] ?? 0, y: 56 }]),
];
