// The names of joint centres as the program knows them, for mapping other programs' labels; a test in Python holds the
// API's own table against what marking wants, this list is only offered, never enforced.

export const HAND = [
  'IP1', 'PIP2', 'PIP3', 'PIP4', 'PIP5', 'MCP1', 'MCP2', 'MCP3', 'MCP4', 'MCP5', 'CMC3', 'CMC4', 'CMC5',
  'STT', 'CNL', 'RADCAR', 'MC1_BASE', 'TRAPEZIUM', 'LUNATE', 'RADIUS', 'ULNA',
] as const; // prettier-ignore
export const FOOT = ['IP1', 'MTP1', 'MTP2', 'MTP3', 'MTP4', 'MTP5'] as const;

export const FORMATS = [
  { value: 'coco', label: 'COCO keypoints' },
  { value: 'cvat', label: 'CVAT for images 1.1' },
  { value: 'label-studio', label: 'Label Studio' },
  { value: 'labelme', label: 'LabelMe' },
  { value: 'via', label: 'VGG Image Annotator 2' },
  { value: 'slicer', label: '3D Slicer markups' },
] as const;
export type Format = (typeof FORMATS)[number]['value'];

/** What a label means: a joint, "" for leaving it out, null where nobody has said. */
export type Meanings = Record<string, string | null>;

/** The mapping file of what was chosen on the page, after what was given as a file. */
export function mappingOf(given: string, chosen: Meanings): string {
  const said = Object.entries(chosen).filter((each): each is [string, string] => each[1] !== null);
  if (said.length === 0) return given;
  const lines = said.map(([label, point]) => `${JSON.stringify(label)} = ${JSON.stringify(point)}`).join('\n');
  const header = /^\s*\[labels\]\s*$/m;
  if (!header.test(given)) return `${given.trimEnd()}\n\n[labels]\n${lines}\n`.trimStart();
  const others = without(given, new Set(said.map(([label]) => label)));
  return others.replace(header, (found) => `${found}\n${lines}`);
}

/** A mapping file without the lines of some labels, so that no key stands in it twice. */
function without(given: string, labels: ReadonlySet<string>): string {
  let table = '';
  return given
    .split('\n')
    .filter((line) => {
      table = /^\s*\[([^\]]+)\]/.exec(line)?.[1] ?? table;
      const key = /^\s*(?:"((?:[^"\\]|\\.)*)"|'([^']*)'|([\w-]+))\s*=/.exec(line);
      const name = key ? (key[1] !== undefined ? unescaped(key[1]) : (key[2] ?? key[3] ?? '')) : null;
      return table !== 'labels' || name === null || !labels.has(name);
    })
    .join('\n');
}

function unescaped(text: string): string {
  try {
    return JSON.parse(`"${text}"`) as string;
  } catch {
    return text;
  }
}
