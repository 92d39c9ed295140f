import { bytes, el, say, svg } from '../common.ts';
import { section, type Section } from './section.ts';

interface Sample {
  at: number;
  received: number;
  sent: number;
}

const SECONDS = 300;
const WIDTH = 300;
const HEIGHT = 60;

/** What went through the tunnel in the last minutes, as long as the page has been open. */
export function trafficSection(): Section {
  let samples: Sample[] = [];
  return section(({ state, traffic }) => {
    if (state !== 'Running' || !traffic) {
      samples = [];
      return null;
    }
    const at = performance.now() / 1000;
    // A new interface counts from zero.
    if (traffic.received < (samples.at(-1)?.received ?? 0)) samples = [];
    samples = [...samples.filter((sample) => at - sample.at <= SECONDS), { at, ...traffic }];
    const rates = samples.slice(1).map((sample, i) => rate(samples[i] as Sample, sample));
    return [rates, () => [el('h3', _('Last minutes')), chart(rates, at)]];
  });
}

function rate(before: Sample, after: Sample): Sample {
  const seconds = Math.max(0.1, after.at - before.at);
  return {
    at: after.at,
    received: (after.received - before.received) / seconds,
    sent: (after.sent - before.sent) / seconds
  };
}

function chart(rates: readonly Sample[], now: number): HTMLElement {
  const most = Math.max(1000, ...rates.flatMap(({ received, sent }) => [received, sent]));
  const line = (key: 'received' | 'sent', dashes: string): Element =>
    svg('polyline', {
      points: rates
        .map(
          (one) =>
            `${WIDTH - ((now - one.at) / SECONDS) * WIDTH},${HEIGHT - (one[key] / most) * (HEIGHT - 2) - 1}`
        )
        .join(' '),
      fill: 'none',
      stroke: 'currentColor',
      'stroke-width': 1.5,
      'stroke-dasharray': dashes
    });
  const last = rates.at(-1);
  const words = say(
    _('↓ %s a second (line) · ↑ %s a second (dashes)'),
    last ? bytes(last.received) : '…',
    last ? bytes(last.sent) : '…'
  );
  const drawing = svg(
    'svg',
    {
      viewBox: `0 0 ${WIDTH} ${HEIGHT}`,
      'aria-hidden': 'true',
      style: 'width:100%;max-width:600px;height:60px'
    },
    line('received', ''),
    line('sent', '3 3')
  );
  return el('div', drawing, el('p', words));
}
