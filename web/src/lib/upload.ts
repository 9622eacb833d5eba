// Files to the server, with how far they are: what `fetch` does not tell.

import { Problem, UNREACHED } from './api';
import { session } from './session.svelte';

/** Send files as a form; `onprogress` hears the share sent, in [0, 1]. Raises Problem. */
export function upload<Answer>(
  url: string,
  files: readonly File[],
  fields: Record<string, string> = {},
  onprogress: (share: number) => void = () => {},
): Promise<Answer> {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) form.append(name, value);
  for (const file of files) form.append('files', file, file.name);
  return sendForm<Answer>(url, form, onprogress);
}

async function sendForm<Answer>(url: string, form: FormData, onprogress: (share: number) => void): Promise<Answer> {
  for (;;) {
    const { status, text } = await once(url, form, onprogress);
    if (status === 401) {
      await session.renewed();
      continue;
    }
    if (status >= 200 && status < 300) return JSON.parse(text) as Answer;
    throw new Problem(told(text) ?? `The server answered ${status}`, status);
  }
}

function once(url: string, form: FormData, onprogress: (share: number) => void) {
  return new Promise<{ status: number; text: string }>((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open('POST', url);
    request.setRequestHeader('X-CSRF-Token', session.current?.csrf ?? '');
    request.upload.onprogress = (event) => event.lengthComputable && onprogress(event.loaded / event.total);
    request.onload = () => resolve({ status: request.status, text: request.responseText });
    request.onerror = () => reject(new Problem(UNREACHED, 0));
    request.send(form);
  });
}

function told(text: string): string | null {
  try {
    const problem = (JSON.parse(text) as { problem?: unknown }).problem;
    return typeof problem === 'string' ? problem : null;
  } catch {
    return null;
  }
}

/** Files in groups that one request may carry; a file that is longer by itself stands alone, to be refused by name. */
export function inPortions(files: readonly File[], mostBytes: number, mostFiles = 100): File[][] {
  const portions: File[][] = [];
  let bytes = 0;
  for (const file of files) {
    const last = portions.at(-1);
    if (!last || bytes + file.size > mostBytes || last.length >= mostFiles) {
      portions.push([file]);
      bytes = file.size;
    } else {
      last.push(file);
      bytes += file.size;
    }
  }
  return portions;
}
