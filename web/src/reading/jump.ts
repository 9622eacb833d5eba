// Finding a site by some letters: `rf3` is the right foot's MTP 3, `l radius` the left hand's radius.

import type { StepShown } from './shapes';
import { limbName, siteName } from './siteNames';

export interface Target {
  step: number;
  label: string;
}

/** The steps that fit, in the walk's order; all of them for an empty question. */
export function targets(steps: readonly StepShown[], question: string): Target[] {
  const words = question.toLowerCase().split(/\s+/).filter(Boolean);
  return steps
    .map((step, number) => ({ step, number }))
    .filter(({ step }) => words.every((word) => fits(step, word)))
    .map(({ step, number }) => ({ step: number, label: `${limbName(step.code)}, ${siteName(step.site)}` }));
}

function fits(step: StepShown, word: string): boolean {
  const code = step.code.toLowerCase();
  const site = step.site.toLowerCase().replace('_', '');
  const named = `${siteName(step.site)} ${limbName(step.code)}`.toLowerCase();
  if (named.includes(word) || site.startsWith(word) || code === word) return true;
  return (
    startsAfter(word, code, site) ||
    startsAfter(word, code.slice(0, 1), site) ||
    (/^\d$/.test(word) && site.endsWith(word))
  );
}

/** `rf3`, `rfmtp3`: the limb's letters, and the site's name or its number alone. */
function startsAfter(word: string, prefix: string, site: string): boolean {
  if (!word.startsWith(prefix) || word.length === prefix.length) return false;
  const rest = word.slice(prefix.length);
  return site.startsWith(rest) || (/^\d$/.test(rest) && prefix.length === 2 && site.endsWith(rest));
}
