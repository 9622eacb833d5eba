// Short messages at the page's edge, read out by screen readers. What must not be missed is not a toast's to say.

export interface Toast {
  id: number;
  text: string;
  tone: 'plain' | 'good' | 'bad';
  action?: { label: string; run: () => void };
}

const LASTS_MS = { plain: 5000, good: 4000, bad: 10_000 };
let next = 1;
let list = $state<Toast[]>([]);

export const toasts = {
  get list() {
    return list;
  },
  dismiss(id: number): void {
    list = list.filter((each) => each.id !== id);
  },
};

/** Say something; the same text is not shown twice at a time. */
export function toast(text: string, tone: Toast['tone'] = 'plain', action?: Toast['action']): void {
  if (list.some((each) => each.text === text)) return;
  const id = next++;
  list = [...list, { id, text, tone, ...(action ? { action } : {}) }].slice(-4);
  setTimeout(() => toasts.dismiss(id), LASTS_MS[tone]);
}
