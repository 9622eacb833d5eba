// Numbers, times and codes as pages write them.

const DAY = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium' });
const MOMENT = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'short' });
const EXACT = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'medium' });

/** A moment the server told (ISO 8601), in the reader's own time. */
export function moment(iso: string | null | undefined, how: 'day' | 'minute' | 'second' = 'minute'): string {
  if (!iso) return '–';
  const at = new Date(iso);
  if (Number.isNaN(at.getTime())) return iso;
  return { day: DAY, minute: MOMENT, second: EXACT }[how].format(at);
}

/** `1 film`, `3 films`; `plural` where an s does not do. */
export function count(n: number, one: string, plural = `${one}s`): string {
  return `${n.toLocaleString('en')} ${n === 1 ? one : plural}`;
}

/** With so many decimals; a figure that does not exist is a dash, never 0. */
export function figure(value: number | null | undefined, decimals = 2): string {
  return value === null || value === undefined ? '–' : value.toFixed(decimals).replace('-', '−');
}

/** A share in [0, 1] as a percentage. */
export function percent(share: number | null | undefined): string {
  return share === null || share === undefined ? '–' : `${Math.round(100 * share)} %`;
}

/** `LH` of a limb and a side; null where either is unknown. */
export function codeOf(limb: string | null | undefined, side: string | null | undefined): string | null {
  if (!limb || !side) return null;
  return `${side.charAt(0)}${limb.charAt(0)}`.toUpperCase();
}

export const CODES = ['LH', 'RH', 'LF', 'RF'] as const;
export type Code = (typeof CODES)[number];

export const CODE_NAMES: Record<Code, string> = {
  LH: 'left hand',
  RH: 'right hand',
  LF: 'left foot',
  RF: 'right foot',
};

/** With its first letter large, for the beginning of a sentence. */
export function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

const PIECES = new Intl.Collator('en', { numeric: true });

/** In the order people expect: `visit 10` behind `visit 9`. */
export function naturally(one: string, other: string): number {
  return PIECES.compare(one, other);
}
