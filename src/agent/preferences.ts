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
  checkType,
  checkUserName,
  fail
} from './checks.ts';
import { compareVersions } from './compare-versions.ts';
import { preferences } from '../shared/preferences.ts';
import { same } from './text.ts';

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
  return fail('default-route', 'offer it by advertise_exit_node');
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
  const list: Checked<unknown[]> = checkType(value, 'array');
  if (list.error) return list;
  if (length(list.value) > 256) return fail('too-many', 'more than 256');
  const checked: string[] = [];
  for (let i = 0; i < length(list.value); i++) {
    const element = check(list.value[i]);
    if (element.error) return { error: { ...element.error, position: i } };
    push(checked, element.value);
  }
  return { value: sort(uniq(checked)) };
}

function checkValue(preference: Preference, value: unknown): Checked<PreferenceValue> {
  const check = checks[preference.check ?? 'label'];
  switch (preference.kind) {
    case 'port':
      return value == null ? { value: null } : checkNumber(value, 0, 65535);
    case 'list':
      return checkList(value, check);
    case 'text':
      return same(value, '') ? { value: '' } : check(value);
    default:
      return checkSwitch(value);
  }
}

/** What it is unless somebody changes it. */
function initial(preference: Preference): PreferenceValue {
  return preference.default ?? empty[preference.kind ?? 'switch'];
}

/** What a preference's field of LocalAPI holds, or the field's mark, which ends in `Set`. */
function fieldOf(preference: Preference, prefs: Prefs, end: string): unknown {
  const path = split(preference.pref, '.');
  const value = prefs[`${path[0] as string}${end}`];
  return type(value) == 'object' ? (value as Prefs)[`${path[1] ?? ''}${end}`] : value;
}

/** Of LocalAPI's preferences, or of what is about to be sent. */
function read(preference: Preference, prefs: Prefs): PreferenceValue {
  const value = fieldOf(preference, prefs, '');
  if (value == null) return initial(preference);
  if (preference.pref == 'AdvertiseRoutes' && !preference.kind)
    return length(filter(defaultRoutes, (route) => index(value as string[], route) >= 0)) == 2;
  if (!preference.kind) return value != (preference.inverted ?? false);
  if (preference.values) return preference.values[value as number] ?? '';
  if (preference.kind != 'list') return value as PreferenceValue;

  const check = checks[preference.check ?? 'label'];
  const list = filter(value as string[], (element) => index(defaultRoutes, element) < 0);
  // As a list that was checked is, so that the two compare.
  return sort(uniq(map(list, (element) => check(element).value ?? element)));
}

function isSupported(preference: Preference, running: string): boolean {
  const since = preference.since;
  const lacks = preference.lacks;
  return !(since && compareVersions(running, since) < 0) && !(lacks && index(running, lacks) >= 0);
}

/** A value that is not what it was, of a preference if there is one. */
function checkChange(
  preference: Preference | null,
  value: unknown,
  running: string
): Checked<PreferenceValue> {
  if (!preference) return fail('unknown-preference', 'there is none of this name');
  if (preference.method) return fail('policy', `the method ${preference.method} changes it`);
  if (!isSupported(preference, running)) return fail('unsupported', `not in ${running}`);
  const checked = checkValue(preference, value);
  if (checked.error || preference.fixed == null || checked.value == preference.fixed) return checked;
  return fail('policy', 'the router decides that');
}

/** Fields with the mark of each. */
function masked(fields: Prefs): MaskedPrefs {
  const patch = { ...fields };
  for (let name in fields) patch[`${name}Set`] = true;
  return patch;
}

/** Whether an exit node is in use, or looked for. */
function usesExitNode(prefs: Prefs): boolean {
  return !!(prefs['ExitNodeID'] || prefs['ExitNodeIP'] || prefs['AutoExitNode']);
}

/** Sets a preference in a patch. `values` are all of them, as they will be: two share one field. */
function write(patch: MaskedPrefs, name: PreferenceName, values: PreferenceValues): void {
  const preference = table[name] as Preference;
  const path = split(preference.pref, '.');
  const top = path[0] as string;
  let value: unknown = values[name];
  if (top == 'AdvertiseRoutes')
    value = [...values.advertise_routes, ...(values.advertise_exit_node ? defaultRoutes : [])];
  else if (preference.inverted) value = !value;
  else if (preference.values) value = index(preference.values, value);

  const inner = path[1];
  patch[top] = inner == null ? value : { ...(patch[top] ?? {}), [inner]: value };
  // Of AutoUpdate, each field has a mark of its own.
  const mark = `${top}Set`;
  patch[mark] = top == 'AutoUpdate' ? { ...(patch[mark] ?? {}), [`${inner as string}Set`]: true } : true;
}

/** LocalAPI's preferences by our names, lists sorted. */
function toPreferences(prefs: Prefs): PreferenceValues {
  const values: Record<string, PreferenceValue> = {};
  for (let name in table) values[name] = read(table[name] as Preference, prefs);
  return values as PreferenceValues;
}

/**
 * What to PATCH so that `prefs` become as `changes` (by our names, of any origin) ask: only what differs, and
 * nothing at all if something is wrong with one of them. What is not changed is not checked. `running` is the
 * daemon's version and build: `1.102.5 compact.`
 */
function plan(changes: unknown, prefs: Prefs, running: string): Plan {
  const asked: Checked<Prefs> = checkType(changes, 'object');
  if (asked.error) return asked;
  const before = toPreferences(prefs);
  const wanted: Record<string, PreferenceValue> = {};
  for (let name in asked.value) {
    const preference = exists(table, name) ? (table[name] as Preference) : null;
    const value = asked.value[name];
    const now = before[name as PreferenceName];
    if (preference && same(now, value)) continue;
    const checked = checkChange(preference, value, running);
    if (checked.error) return { error: { ...checked.error, field: substr(name, 0, 64) } };
    // As it was checked, it may be what it was after all.
    if (!same(now, checked.value)) wanted[name] = checked.value;
  }
  if (wanted['advertise_exit_node'] && usesExitNode(prefs)) {
    const detail = 'it uses an exit node';
    return { error: { code: 'conflict', detail, field: 'advertise_exit_node' } };
  }

  const after = { ...before, ...wanted };
  const patch: MaskedPrefs = {};
  let risk = false;
  for (let name in wanted) {
    write(patch, name as PreferenceName, after);
    if (table[name]?.risk) risk = true;
  }
  return { patch, risk };
}

/** The names of what a patch has set and the daemon, by the preferences that it tells afterwards, did not take. */
function differences(patch: MaskedPrefs, after: Prefs): PreferenceName[] {
  return filter(names, (name) => {
    const preference = table[name] as Preference;
    return fieldOf(preference, patch, 'Set') && !same(read(preference, patch), read(preference, after));
  });
}

/** The patch that puts right what the router decides, or null if it is right. */
function policyPatch(prefs: Prefs): MaskedPrefs | null {
  const values = toPreferences(prefs);
  const patch: MaskedPrefs = {};
  for (let name in table) {
    const fixed = table[name]?.fixed;
    if (fixed == null || same(values[name as PreferenceName], fixed)) continue;
    if (name == 'exit_node_allow_lan_access' && !usesExitNode(prefs)) continue;
    write(patch, name as PreferenceName, { ...values, [name]: fixed });
  }
  return length(patch) > 0 ? patch : null;
}

/** Those that are in use and that no compact build has. */
function beyondCompact(prefs: Prefs): PreferenceName[] {
  return filter(names, (name) => {
    const preference = table[name] as Preference;
    return preference.lacks == ' compact' && !same(read(preference, prefs), initial(preference));
  });
}

/** Every preference as it is, and what can be done with it. */
function describe(prefs: Prefs, running: string): Record<PreferenceName, PreferenceState> {
  const states: Record<string, PreferenceState> = {};
  for (let name in table) {
    const preference = table[name] as Preference;
    states[name] = {
      value: read(preference, prefs),
      default: preference.fixed ?? initial(preference),
      supported: isSupported(preference, running),
      risk: preference.risk ?? false,
      fixed: (preference.fixed ?? preference.method) != null
    };
  }
  return states;
}

export { beyondCompact, describe, differences, masked, plan, policyPatch, toPreferences, usesExitNode };
