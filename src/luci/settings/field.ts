/** One of Tailscale's preferences: its control, and what there is to say about it. */

import type { AgentError } from '../../shared/agent-errors.ts';
import type { PreferenceState, PreferenceValue } from '../../shared/preferences.ts';
import { checkbox, el, explainRefusal, lookButton, mayChange, redraw, row } from '../common.ts';
import type { Subnet } from './subnets.ts';
import type { Words } from './words.ts';

export interface Field {
  node: HTMLElement;
  /** What Tailscale has now. What somebody is filling in stays. */
  show: (now: PreferenceState) => void;
  /** What is filled in, if it is something else; else undefined. */
  change: () => PreferenceValue | undefined;
  reset: () => void;
  /** Says what is wrong with it, until it is changed. */
  complain: (why: AgentError) => void;
}

/** What its default is tells its kind: a switch, a list, a text, or a port if it is null. `subnets` can be ticked. */
export function field(
  id: string,
  [label, help, risk]: Words,
  state: PreferenceState,
  subnets: readonly Subnet[]
): Field {
  const standard = state.default;
  const isList = Array.isArray(standard);
  const isSwitch = typeof standard === 'boolean';
  const input = el(isList ? 'textarea' : 'input', {
    type: isSwitch ? 'checkbox' : 'text',
    'aria-describedby': id
  }) as HTMLInputElement;
  const boxes = subnets.map(([value]) => checkbox({ value }));
  const about = el('div', { id });
  let wrong: AgentError | undefined;
  let untouched: string;

  const get = (): PreferenceValue => {
    const text = input.value.trim();
    if (isSwitch) return input.checked;
    if (isList) {
      const ticked = boxes.filter((box) => box.checked).map((box) => box.value);
      return [...ticked, ...text.split(/[\s,]+/).filter(Boolean)];
    }
    if (standard !== null) return text;
    // What is no number is sent as it is, for the agent to say so.
    return text ? (isNaN(+text) ? text : +text) : null;
  };

  const fill = (value: PreferenceValue): void => {
    const list = [value ?? ''].flat() as string[];
    for (const box of boxes) box.checked = list.includes(box.value);
    input.value = list.filter((each) => !boxes.some((box) => box.value === each)).join('\n');
    input.checked = value === true;
    // What the control makes of it: one line, without spaces around it.
    untouched = key(get());
    edited();
  };

  const change = (): PreferenceValue | undefined =>
    [untouched, key(state.value)].includes(key(get())) ? undefined : get();

  const draw = (): void => {
    const { supported } = state;
    const isChanged = change() !== undefined;
    const isDefault = key(state.value) === key(standard);
    redraw(about, [isChanged, isDefault, supported, wrong], () => [
      isChanged && el('strong', `● ${_('Changed')} `),
      help,
      !isDefault && ` ${_('Default')}: ${isSwitch ? (standard ? _('on') : _('off')) : _('empty')}.`,
      !supported && ` ${_('The Tailscale that runs cannot do that.')}`,
      risk && el('div', '⚠ ', risk),
      wrong && complaint(wrong)
    ]);
    input.setAttribute('aria-invalid', String(!!wrong));
    for (const each of [input, ...boxes]) each.disabled = !supported || state.fixed || !mayChange();
  };

  const complaint = (why: AgentError): HTMLElement => {
    const { position = -1, corrected } = why;
    const list = [get() as string].flat();
    const correct = (): void => {
      list[position] = corrected ?? '';
      fill(list);
      input.focus();
    };
    return el(
      'p',
      { class: 'alert-message warning', role: 'alert' },
      position >= 0 && `${list[position]}: `,
      explainRefusal(why),
      ' ',
      corrected && lookButton(`→ ${corrected}`, correct, 'neutral', { style: wrapped })
    );
  };

  const edited = (): void => {
    wrong = undefined;
    draw();
  };

  const ticks = subnets.map(([prefix, name], i) =>
    el('div', el('label', boxes[i], ` ${prefix} (`, name, ')'))
  );
  const node = row(label, [...ticks, input], about);
  node.oninput = edited;
  fill(state.value);
  return {
    node,
    show: (now) => {
      const isUntouched = change() === undefined && !node.contains(document.activeElement);
      state = now;
      if (isUntouched) fill(now.value);
      else draw();
    },
    change,
    reset: () => {
      fill(state.value);
    },
    complain: (why) => {
      wrong = why;
      draw();
      node.closest('details')?.setAttribute('open', '');
      input.focus();
    }
  };
}

/** On a phone, the address of a network may take more than a line. */
const wrapped = 'max-width:100%;height:auto;white-space:normal;overflow-wrap:anywhere';

/** To compare: the order in a list means nothing. */
function key(value: PreferenceValue): string {
  return String([...new Set([value].flat())].sort());
}
