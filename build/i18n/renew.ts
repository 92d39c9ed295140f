import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { repository } from '../package.ts';
import { keyOf, type Message } from './extract.ts';
import { parsePo, renderPo } from './po.ts';

/** The texts, none translated, as a new translation begins. */
export function renderTemplate(messages: readonly Message[]): string {
  const entries = messages.map((message) => ({ ...message, translation: '' }));
  return renderPo('Content-Type: text/plain; charset=UTF-8\n', entries);
}

/** The translations of `content` for these texts, in their order; what is new has none, and what is gone goes. */
export function renewPo(name: string, content: string, messages: readonly Message[]): string {
  const { header, entries } = parsePo(name, content);
  const translations = new Map(entries.map((entry) => [keyOf(entry), entry.translation]));
  const renewed = messages.map((message) => ({
    ...message,
    translation: translations.get(keyOf(message)) ?? ''
  }));
  return renderPo(header, renewed);
}

/** Writes a file of the repository, but not if that is what it holds already. */
export async function writeIfOther(path: string, content: string): Promise<void> {
  const file = new URL(path, repository);
  if ((await readFile(file, 'utf8').catch(() => undefined)) === content) return;
  await mkdir(new URL('.', file), { recursive: true });
  await writeFile(file, content);
}
