/**
 * Makes the router as the plan wants it. Only what differs from what was written last is changed: what somebody edited,
 * or removed, stays as they left it until the plan for that very option is another one. What would break the firewall
 * is taken back.
 */

import { readfile } from 'fs';
import { cursor } from 'uci';
import type { Cursor } from 'uci';
import type { Known, Plan, Section } from '../../shared/network-plan.ts';
import { saveFile, STATE_DIR, sync } from '../flash.ts';
import { runProgram } from '../programs.ts';
import { announce } from '../server.ts';
import type { Answer } from '../server.ts';
import { fault, parse, same } from '../text.ts';
import { PREFIX } from './plan.ts';
import { LEFT } from './situation.ts';

/** Why it could not be done: BUSY while somebody changes the same files, or what fw4 would not load. */
type Refusal = string;

/** What was planned last, and known of tailscaled then. */
interface Written extends Known {
  sections: Section[];
}

const FILE = `${STATE_DIR}/network.json`;
/** Not fw4's words, but a problem's code. */
const BUSY = 'uncommitted-changes';
/** For the script `firewall`. */
const BARRIER = `${STATE_DIR}/barrier`;
const CONFIGS = ['firewall', 'network'] as const;

/** Null: there is none, or it was lost. */
function readWritten(): Written | null {
  let known = parse(readfile(FILE)) as Written | null;
  return type(known?.sections) == 'array' ? known : null;
}

/** What was known of tailscaled last. */
function lastKnown(): Known {
  return readWritten() ?? { logged_in: false, snat: true, exit_offered: false };
}

function find(sections: Section[], like: Section): Section | undefined {
  return filter(sections, (one) => one.config == like.config && one.name == like.name)[0];
}

/** Into the cursor's changes. Returns whether there are any. */
function change(config: Cursor, wanted: Section, was: Section | undefined): boolean {
  let there = config.get_all(wanted.config, wanted.name);
  if (!there) {
    // Somebody removed it.
    if (was) return false;
    config.set(wanted.config, wanted.name, wanted.type);
    if (wanted.first) config.reorder(wanted.config, wanted.name, 0);
  }
  let changed = !there;
  for (let name in wanted.options) {
    let value = wanted.options[name] as string;
    if (same(was?.options[name], value) || same(there?.[name], value)) continue;
    config.set(wanted.config, wanted.name, name, value);
    changed = true;
  }
  return changed;
}

/** The configurations that are other ones now, in what `uci changes` shows. */
function stage(sections: Section[], was: Section[]): string[] {
  let changed: string[] = [];
  map(CONFIGS, (name) => {
    let config = cursor();
    if (!config) return;
    // Of an agent that was ended in the middle.
    config.load(name);
    config.revert(name);
    let of = (all: Section[]): Section[] => filter(all, (one) => one.config == name);
    let gone = filter(of(was), (one) => !find(sections, one) && config.get(name, one.name));
    map(gone, (one) => config.delete(name, one.name));
    let others = filter(of(sections), (one) => change(config, one, find(was, one)));
    if ((gone[0] ?? others[0]) && config.save(name)) push(changed, name);
  });
  return changed;
}

/** Puts in place what was saved, if anything was: if the firewall loads with it, and takes it back if not. */
function commitChecked(changed: string[], done: (refusal: Refusal | null) => void): void {
  if (!changed[0]) {
    done(null);
    return;
  }
  runProgram(['/sbin/fw4', '-q', 'check'], (code, output) => {
    let config = cursor();
    map(changed, (name) => {
      // It commits and reverts what it has loaded.
      config?.load(name);
      if (code == 0) {
        // For forget-network: as it was before, with comments, which UCI does not keep.
        let kept = `${STATE_DIR}/${name}`;
        if (readfile(kept) == null) saveFile(kept, readfile(`/etc/config/${name}`) ?? '');
        config?.commit(name);
        announce(name);
      } else {
        config?.revert(name);
      }
    });
    if (code != 0) warn(`fw4 refuses what the tailnet needs: ${output}\n`);
    done(code == 0 ? null : output);
  });
}

function apply(plan: Plan, known: Known, done: (refusal: Refusal | null) => void): void {
  let sections = plan.sections;
  let written = readWritten();
  // Before what needs it. What is no more is not in the way. A flow that has been offloaded passes it until fw4 loads its
  // rules anew, and would be offloaded again if it were not there before.
  let barrier = plan.barrier;
  if (barrier != null && readfile(BARRIER) != barrier && saveFile(BARRIER, barrier))
    runProgram(['/bin/sh', '/usr/libexec/tailscale-ram/firewall'], () => {
      announce('firewall');
    });
  let saved = cursor();
  // What is there without a record is as somebody wants it.
  let before = written?.sections ?? sections;
  // Without any, the configuration is another one, of a backup perhaps.
  let was = filter(before, (one) => saved?.get(one.config, one.name))[0] ? before : [];
  if (written && same(was, sections)) {
    done(null);
    return;
  }
  let busy = filter(
    CONFIGS,
    (name) => filter(saved?.changes(name)?.[name] ?? [], (one) => index(one[1], PREFIX) != 0)[0]
  );
  if (busy[0]) {
    done(BUSY);
    return;
  }
  commitChecked(stage(sections, was), (refusal) => {
    if (refusal != null) {
      done(refusal);
      return;
    }
    // Once it is on flash: whoever loses it loses what somebody has edited.
    saveFile(FILE, sprintf('%J', { ...known, sections }));
    sync(() => {
      done(null);
    });
  });
}

/** What another package of Tailscale's left in the configuration is no more; ours takes its place with the next plan. */
function removeLeft(answer: Answer): void {
  let config = cursor();
  let changed = filter(CONFIGS, (name) => {
    let left = filter(name == 'firewall' ? LEFT : ['tailscale'], (one) => config?.get(name, one));
    map(left, (one) => config?.delete(name, one));
    return left[0] && config?.save(name);
  });
  if (!changed[0]) answer(fault('not-found'));
  else
    commitChecked(changed, (refusal) => {
      answer(refusal == null ? null : fault('conflict', refusal));
    });
}

export { apply, BUSY, lastKnown, removeLeft };
