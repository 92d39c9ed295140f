import type { AgentError } from '../shared/agent-errors.ts';
import type {
  Preference,
  PreferenceName,
  PreferenceState,
  PreferenceValue,
  PreferenceValues
} from '../shared/preferences.ts';
import type { Checked } from './checks.ts';
import {
  checkEndpoint,
  checkHostName,
  checkLabel,
  checkNumber,
  checkPrefix,
  checkSwitch,
  checkTag,
  checkUserName,
  fail
} from './checks.ts';
import { compareVersions } from './compare-versions.ts';
import { preferences } from '../shared/preferences.ts';

/** LocalAPI's preferences, as `GET prefs` gives them. */
export type Prefs = Record<string, unknown>;

/** The body of `PATCH prefs`: fields, and which of them are set. */
export type MaskedPrefs = Record<string, unknown>;

/** What to send, nothing if it is empty, and whether that has to be confirmed. */
export type Plan =
  { patch: MaskedPrefs; risk: boolean; error?: never } | { error: AgentError; patch?: never; risk?: never };

const table: Readonly<Record<string, Preference>> = preferences;
const names: PreferenceName[] = keys(table) as PreferenceName[];
const defaultRoutes = ['0.0.0.0/0', '::/0'];
const empty = { switch: false, text: '', list: [], port: null };

function checkRoute(value: unknown): Checked<string> {
  const prefix = checkPrefix(value);
  if (prefix.error || index(defaultRoutes, prefix.value) < 0) return prefix;
  return fail('default-route', 'an exit node is offered by advertise_exit_node');
}

const checks = {
  route: checkRoute,
  tag: checkTag,
  endpoint: checkEndpoint,
  hostName: checkHostName,
  label: checkLabel,
  userName: checkUserName
};

/** Each element once, sorted: the order means nothing to tailscaled. */
function checkList(value: unknown, check: (value: unknown) => Checked<string>): Checked<string[]> {
  if (type(value) != 'array') return fail('wrong-type', 'not a list');
  const list = value as unknown[];
  if (length(list) > 256) return fail('too-many', 'more than 256');
  const checked: string[] = [];
  for (let i = 0; i < length(list); i++) {
    const element = check(list[i]);
    if (element.error) return { error: { ...element.error, position: i } };
    push(checked, element.value);
  }
  return { value: sort(uniq(checked)) };
}

function checkValue(preference: Preference, value: unknown): Checked<PreferenceValue> {
  const check = checks[preference.check ?? 'label'];
  switch (preference.kind) {
    case 'switch':
      return checkSwitch(value);
    case 'port':
      return value == null ? { value: null } : checkNumber(value, 0, 65535);
    case 'list':
      return checkList(value, check);
    case 'text':
      return type(value) == 'string' && value == '' ? { value: '' } : check(value);
  }
}

/** Of LocalAPI's preferences, or of what is about to be sent. */
function read(preference: Preference, prefs: Prefs): PreferenceValue {
  const path = split(preference.pref, '.');
  let value = prefs[path[0] ?? ''];
  if (path[1] != null) value = (value as Prefs | null)?.[path[1]];

  if (preference.pref == 'AdvertiseRoutes' && preference.kind == 'switch')
    return length(filter(defaultRoutes, (route) => index((value ?? []) as string[], route) >= 0)) == 2;
  if (value == null) return preference.default ?? empty[preference.kind];
  if (preference.kind == 'switch') return value != (preference.inverted ?? false);
  if (preference.values) return preference.values[value as number] ?? '';
  if (preference.kind != 'list') return value as PreferenceValue;

  const check = checks[preference.check ?? 'label'];
  const list = filter(value as string[], (element) => index(defaultRoutes, element) < 0);
  // As a list that was checked is, so that the two compare.
  return sort(uniq(map(list, (element) => check(element).value ?? element)));
}

function isSame(a: unknown, b: unknown): boolean {
  return sprintf('%J', a) == sprintf('%J', b);
}

function isSupported(preference: Preference, version: string): boolean {
  return preference.since == null || compareVersions(version, preference.since) >= 0;
}

/** A value that is not what it was. */
function checkChange(preference: Preference, value: unknown, version: string): Checked<PreferenceValue> {
  if (preference.method) return fail('policy', `the method ${preference.method} changes it`);
  if (!isSupported(preference, version))
    return fail('unsupported', `since version ${preference.since ?? ''}`);
  const checked = checkValue(preference, value);
  if (checked.error || preference.fixed == null || checked.value == preference.fixed) return checked;
  return fail('policy', 'the router decides that');
}

/** Whether an exit node is in use, or looked for. */
function usesExitNode(prefs: Prefs): boolean {
  return !!(prefs['ExitNodeID'] || prefs['ExitNodeIP'] || prefs['AutoExitNode']);
}

/** Sets a preference in a patch. `values` are all of them, as they will be: two share one field. */
function write(patch: MaskedPrefs, name: PreferenceName, values: PreferenceValues): void {
  const preference = table[name] as Preference;
  const path = split(preference.pref, '.');
  const top = path[0] ?? '';
  let value: unknown = values[name];
  if (top == 'AdvertiseRoutes')
    value = [...values.advertise_routes, ...(values.advertise_exit_node ? defaultRoutes : [])];
  else if (preference.inverted) value = !value;
  else if (preference.values) value = index(preference.values, value);

  const inner = path[1];
  patch[top] = inner == null ? value : { ...(patch[top] ?? {}), [inner]: value };
  // Of AutoUpdate, each field has a mark of its own.
  const mark = `${top}Set`;
  patch[mark] = top == 'AutoUpdate' ? { ...(patch[mark] ?? {}), [`${inner ?? ''}Set`]: true } : true;
}

/** Whether a patch sets it. */
function isWritten(preference: Preference, patch: MaskedPrefs): boolean {
  const path = split(preference.pref, '.');
  const mark = patch[`${path[0] ?? ''}Set`];
  return !!(type(mark) == 'object' ? (mark as Prefs)[`${path[1] ?? ''}Set`] : mark);
}

/** LocalAPI's preferences by our names, lists sorted. */
function toPreferences(prefs: Prefs): PreferenceValues {
  const values: Record<string, PreferenceValue> = {};
  for (let name in table) values[name] = read(table[name] as Preference, prefs);
  return values as PreferenceValues;
}

/**
 * What to PATCH so that `prefs` become as `changes` (by our names, of any origin) ask: only what differs, and
 * nothing at all if something is wrong with one of them. What is not changed is not checked. `version` is the
 * daemon's.
 */
function plan(changes: unknown, prefs: Prefs, version: string): Plan {
  if (type(changes) != 'object') return fail('wrong-type', 'not an object of preferences');
  const before = toPreferences(prefs);
  const wanted: Record<string, PreferenceValue> = {};
  for (let name in changes as Prefs) {
    const field = substr(name, 0, 64);
    const preference = exists(table, name) ? table[name] : null;
    if (!preference)
      return { error: { code: 'unknown-preference', detail: 'there is none of this name', field } };
    const value = (changes as Prefs)[name];
    if (isSame(before[name as PreferenceName], value)) continue;
    const checked = checkChange(preference, value, version);
    if (checked.error) return { error: { ...checked.error, field } };
    wanted[name] = checked.value;
  }
  if (wanted['advertise_exit_node'] && usesExitNode(prefs)) {
    const detail = 'it uses an exit node';
    return { error: { code: 'conflict', detail, field: 'advertise_exit_node' } };
  }

  const after = { ...before, ...wanted };
  const patch: MaskedPrefs = {};
  let risk = false;
  for (let name in wanted) {
    if (isSame(before[name as PreferenceName], after[name as PreferenceName])) continue;
    write(patch, name as PreferenceName, after);
    if (table[name]?.risk) risk = true;
  }
  return { patch, risk };
}

/** The names of what a patch has set and the daemon, by the preferences that it tells afterwards, did not take. */
function differences(patch: MaskedPrefs, after: Prefs): PreferenceName[] {
  return filter(names, (name) => {
    const preference = table[name] as Preference;
    return isWritten(preference, patch) && !isSame(read(preference, patch), read(preference, after));
  });
}

/** The patch that puts right what the router decides, or null if it is right. */
function policyPatch(prefs: Prefs): MaskedPrefs | null {
  const values = toPreferences(prefs);
  const patch: MaskedPrefs = {};
  for (let name in table) {
    const fixed = table[name]?.fixed;
    if (fixed == null || isSame(values[name as PreferenceName], fixed)) continue;
    if (name == 'exit_node_allow_lan_access' && !usesExitNode(prefs)) continue;
    write(patch, name as PreferenceName, { ...values, [name]: fixed });
  }
  return length(patch) > 0 ? patch : null;
}

/** Every preference as it is, and what can be done with it. */
function describe(prefs: Prefs, version: string): Record<PreferenceName, PreferenceState> {
  const states: Record<string, PreferenceState> = {};
  for (let name in table) {
    const preference = table[name] as Preference;
    states[name] = {
      value: read(preference, prefs),
      default: preference.fixed ?? preference.default ?? empty[preference.kind],
      supported: isSupported(preference, version),
      risk: preference.risk ?? false,
      fixed: preference.fixed != null || preference.method != null
    };
  }
  return states;
}

export { describe, differences, plan, policyPatch, toPreferences, usesExitNode };
