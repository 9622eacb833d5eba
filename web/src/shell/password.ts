// What the page can say of a password before the server is asked; the server decides.

export const LEAST = 12;
export const PASSWORD_HINT = `At least ${LEAST} characters; a few words are easy to remember.`;

/** What is wrong with a password and its repetition, or null. */
export function faultOf(password: string, again: string): string | null {
  if (password.length < LEAST) return `The password has ${password.length} characters; ${LEAST} are wanted.`;
  return password === again ? null : 'The two are not the same.';
}
