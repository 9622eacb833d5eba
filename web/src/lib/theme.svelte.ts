// Dark unless somebody chooses light, or to follow the system; the choice stays in this browser.

export type Theme = 'dark' | 'light' | 'system';

const KEY = 'opensvh-theme';
const system = () => (matchMedia('(prefers-color-scheme: light)').matches ? 'light' : 'dark');

class Chosen {
  choice = $state<Theme>('dark');

  start(): void {
    const kept = localStorage.getItem(KEY);
    if (kept === 'light' || kept === 'system') this.choice = kept;
    matchMedia('(prefers-color-scheme: light)').addEventListener('change', () => this.#apply());
    this.#apply();
  }

  choose(choice: Theme): void {
    this.choice = choice;
    localStorage.setItem(KEY, choice);
    this.#apply();
  }

  #apply(): void {
    document.documentElement.dataset.theme = this.choice === 'system' ? system() : this.choice;
  }
}

export const theme = new Chosen();
