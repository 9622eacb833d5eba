// What the page can say of a password before the server is asked; the server decides.

export const LEAST = 12;
export const PASSWORD_HINT = `At least ${LEAST} characters; a few words are easy to remember.`;

export interface Faults {
  password: string | null;
  again: string | null;
}

export const NO_FAULTS: Faults = { password: null, again: null };

/** What is wrong with a password and its repetition, each where it is to be said. */
export function faultsOf(password: string, again: string): Faults {
  if (password.length < LEAST) {
    return { password: `It has ${password.length} of at least ${LEAST} characters.`, again: null };
  }
  return { password: null, again: password === again ? null : 'The two are not the same.' };
}

export function isFaulty(faults: Faults): boolean {
  return faults.password !== null || faults.again !== null;
}
