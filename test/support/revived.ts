/** Arguments for the agent's modules that JSON cannot carry, or JavaScript not write. */

/** Bytes, and JSON as it stands. */
export const bytes = (hex: string) => ({ $hex: hex });
export const raw = (json: string) => ({ $json: json });
/** For `agentModules`: `planRevived()` calls `plan()` with what such arguments stand for. */
export const reviving = (names: readonly string[]) => `
function revive(value) {
  if (type(value) == 'array') return map(value, (element) => revive(element));
  if (type(value) != 'object') return value;
  if (exists(value, '$hex')) return hexdec(value['$hex']);
  if (exists(value, '$json')) return json(value['$json']);
  let revived = {};
  for (let key in value) revived[key] = revive(value[key]);
  return revived;
}
${names.map((name) => `function ${name}Revived(...args) { return module.${name}(...revive(args)); }\n`).join('')}`;
export const megabyte = 'a'.repeat(1_048_576);

/** What a check returns. */
export interface Checked {
  value?: unknown;
  error?: { code: string; detail: string; field?: string; position?: number; corrected?: string };
}

export function show(value: unknown): string {
  return JSON.stringify(value).slice(0, 200);
}
