// Keyboard shortcuts of the page that is open: one registry, so that the help (`?`) can show exactly what works now.
// The scope that came last is asked first; an exclusive one (a dialog) hides those beneath.

export interface Binding {
  /** Any of these: `i`, `+`, `Space`, `Tab`, `Shift+Tab`, `ArrowLeft`, `Shift+ArrowLeft`, `Ctrl+z`. */
  keys: string[];
  label: string;
  run: (event: KeyboardEvent) => void;
  /** Works only while this holds. */
  when?: () => boolean;
  /** Also in a text field. */
  whileTyping?: boolean;
  /** Not shown in the help. */
  hidden?: boolean;
}

export interface Scope {
  title: string;
  bindings: Binding[];
  exclusive?: boolean;
}

// Kept twice: effects register scopes, and must not come to depend on the list that they change.
let scopes: readonly Scope[] = [];
let shown = $state.raw<readonly Scope[]>([]);
let open = $state(false);

/** Add a scope; the answer takes it away. In a component: `$effect(() => registerKeys({ title, bindings }))`. */
export function registerKeys(scope: Scope): () => void {
  scopes = [scope, ...scopes];
  shown = scopes;
  return () => {
    scopes = scopes.filter((each) => each !== scope);
    shown = scopes;
  };
}

export const help = {
  get open() {
    return open;
  },
  set open(value: boolean) {
    open = value;
  },
  /** Scopes that answer now, for the overlay. */
  get scopes(): readonly Scope[] {
    return reachable(shown);
  },
};

/** A key press as bindings name it; printable keys stand for themselves, whatever Shift it took to type them. */
export function nameOf(event: KeyboardEvent): string {
  const key = event.key === ' ' ? 'Space' : event.key;
  const printable = key.length === 1;
  const parts = [];
  if (event.ctrlKey || event.metaKey) parts.push('Ctrl');
  if (event.altKey) parts.push('Alt');
  if (event.shiftKey && (!printable || parts.length > 0)) parts.push('Shift');
  return [...parts, printable ? key.toLowerCase() : key].join('+');
}

/** Give a key press to the first binding that wants it; true where one did. */
export function handleKey(event: KeyboardEvent): boolean {
  if (event.isComposing || event.defaultPrevented) return false;
  const name = nameOf(event);
  const typing = isTyping(event.target);
  for (const scope of reachable(scopes)) {
    for (const binding of scope.bindings) {
      if (!binding.keys.some((key) => same(key, name))) continue;
      if ((typing && !binding.whileTyping) || (binding.when && !binding.when())) continue;
      if (pressesControl(name, event.target)) continue;
      event.preventDefault();
      binding.run(event);
      return true;
    }
  }
  return false;
}

/** How the help writes a key. */
export function written(key: string): string {
  const names: Record<string, string> = {
    ArrowLeft: '←',
    ArrowRight: '→',
    ArrowUp: '↑',
    ArrowDown: '↓',
    Escape: 'Esc',
    Delete: 'Del',
  };
  return key
    .split(/(?<=.)\+/)
    .map((part) => names[part] ?? (part.length === 1 ? part.toUpperCase() : part))
    .join(' ');
}

function reachable(list: readonly Scope[]): readonly Scope[] {
  const last = list.findIndex((scope) => scope.exclusive);
  return last < 0 ? list : list.slice(0, last + 1);
}

function same(key: string, name: string): boolean {
  return key === name || (key.length === 1 && key.toLowerCase() === name);
}

const WRITTEN_IN =
  'input:not([type=checkbox]):not([type=radio]):not([type=range]):not([type=button]), textarea, select';

function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && (target.isContentEditable || target.matches(WRITTEN_IN));
}

/** Space and Enter belong to a control that the keyboard has reached; one that was clicked gives them up. */
function pressesControl(name: string, target: EventTarget | null): boolean {
  if (!['Space', 'Enter'].includes(name) || !(target instanceof HTMLElement)) return false;
  return (
    target.matches('button, a[href], summary, input, [role=tab], [role=button]') && target.matches(':focus-visible')
  );
}
