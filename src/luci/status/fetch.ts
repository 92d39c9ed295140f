import {
  bytes,
  callUbus,
  duration,
  el,
  lookAgain,
  redraw,
  say,
  work,
  type Child,
  type Section
} from '../common.ts';
import type { BootstrapState } from '../../shared/bootstrap-state.ts';
import type { Phase } from '../../shared/phases.ts';
import { section } from './section.ts';

/** How Tailscale gets into RAM, while it does. */
export function fetchSection(): Section {
  let seen: Sample[] = [];
  let bootedAt: number | undefined;
  // Phases are told in seconds since the boot.
  callUbus<{ uptime: number }>('system', 'info').then(
    ({ uptime }) => {
      bootedAt = performance.now() / 1000 - uptime;
    },
    () => undefined
  );
  return section(({ bootstrap, daemon }) => {
    if (!bootstrap || (bootstrap.phase === 'running' && daemon)) return null;
    const left = bootstrap.retry_in ?? 0;
    const now = performance.now() / 1000;
    const next = Math.round(bootedAt === undefined ? left : bootedAt + bootstrap.since + left - now);
    seen = [...seen.slice(-5), [now, bootstrap.bytes]];
    const rate = speed(seen);
    const waits = ['blocked', 'retrying'].includes(bootstrap.phase);
    return [[bootstrap, next, rate], () => (waits ? waiting(bootstrap, next) : moving(bootstrap, rate))];
  });
}

type Sample = [at: number, bytes: number];

/** Bytes a second over the last few polls. */
function speed(seen: readonly Sample[]): number {
  const [[start, before], [end, after]] = [seen[0], seen.at(-1)] as [Sample, Sample];
  return end > start ? Math.max(0, Math.round((after - before) / (end - start))) : 0;
}

function waiting({ phase, attempt }: BootstrapState, seconds: number): Child {
  return phase === 'blocked'
    ? [el('h3', _('Tailscale is not running')), el('p', _('It is tried again every ten minutes.'))]
    : [
        el('h3', _('Tailscale is not running yet')),
        el('p', say(_('Next try in %s (attempt %s so far).'), duration(seconds, 'short'), attempt))
      ];
}

function moving(state: BootstrapState, rate: number): Child {
  const steps: Partial<Record<Phase, string>> = {
    'waiting-network': _('internet'),
    'waiting-clock': _('clock'),
    resolving: _('version'),
    'checking-memory': _('enough memory'),
    downloading: _('download'),
    verifying: _('verify'),
    starting: _('start')
  };
  const names = Object.values(steps);
  const order = Object.keys(steps).indexOf(state.phase);
  // It has been started, and does not answer yet.
  const at = order < 0 ? names.length - 1 : order;
  const { version, arch } = state;
  return [
    el('h3', say(_('Tailscale is being fetched: step %s of %s'), at + 1, names.length)),
    state.phase === 'downloading' && progress(state, rate),
    el('p', version && say(_('Version %s for %s, in memory only.'), version, arch ?? '…')),
    el(
      'ul',
      { style: 'list-style:none;margin:0;padding:0;display:flex;flex-wrap:wrap;gap:0 1em' },
      names.map((name, i) =>
        el(
          'li',
          { style: 'color:inherit', 'aria-current': i === at ? 'step' : null },
          i < at ? '✓ ' : i === at ? '… ' : '· ',
          i === at ? el('strong', name) : name
        )
      )
    )
  ];
}

function progress({ bytes: got, total }: BootstrapState, rate: number): HTMLElement {
  const part = total ? Math.min(100, Math.round((got / total) * 100)) : 0;
  const left = total && rate > 0 ? duration((total - got) / rate, 'short') : '…';
  return el(
    'div',
    el(
      'div',
      {
        class: 'cbi-progressbar',
        role: 'progressbar',
        'aria-label': _('download'),
        'aria-valuenow': part,
        title: `${part} %`
      },
      el('div', { style: `width:${part}%` })
    ),
    el(
      'p',
      say(
        _('%s of %s · %s a second · %s left'),
        bytes(got),
        total ? bytes(total) : '…',
        rate > 0 ? bytes(rate) : '…',
        left
      )
    )
  );
}

/** Fetches another version or build, and says meanwhile how far that is. */
export async function fetchOther(
  method: 'rollback' | 'set_build' | 'update',
  said: HTMLElement,
  args?: { build: string }
): Promise<void> {
  try {
    await work(method, args, (seen) => {
      const state = seen as Partial<BootstrapState>;
      redraw(said, state, () =>
        state.total
          ? [' ', say(_('%s: %s of %s'), state.version, bytes(state.bytes ?? 0), bytes(state.total))]
          : ' …'
      );
    });
  } finally {
    redraw(said);
    await lookAgain();
  }
}
