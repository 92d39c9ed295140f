import { bytes, el, say, svg, type Section } from '../common.ts';
import { section } from './section.ts';

/** Bytes, or bytes a second. */
type Sample = readonly [at: number, received: number, sent: number];

/** As wide: a second is a pixel. */
const SECONDS = 300;
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
    if (traffic.received < (samples.at(-1)?.[1] ?? 0)) samples = [];
    samples = [...samples.filter(([then]) => at - then <= SECONDS), [at, traffic.received, traffic.sent]];
    const rates = samples.slice(1).map((sample, i) => rate(samples[i] as Sample, sample));
    return [rates, () => [el('h3', _('Last minutes')), chart(rates, at)]];
  });
}

function rate(before: Sample, [at, received, sent]: Sample): Sample {
  const seconds = Math.max(0.1, at - before[0]);
  return [at, (received - before[1]) / seconds, (sent - before[2]) / seconds];
}

function chart(rates: readonly Sample[], now: number): HTMLElement {
  const most = Math.max(1000, ...rates.flatMap(([, ...both]) => both));
  const line = (key: 1 | 2, dashes?: string): HTMLElement =>
    el(svg('polyline'), {
      points: rates
        .map((one) => `${SECONDS - now + one[0]},${HEIGHT - (one[key] / most) * (HEIGHT - 2) - 1}`)
        .join(' '),
      fill: 'none',
      stroke: 'currentColor',
      'stroke-width': 1.5,
      'stroke-dasharray': dashes
    });
  const last = rates.at(-1);
  const drawing = el(
    svg('svg'),
    {
      viewBox: `0 0 ${SECONDS} ${HEIGHT}`,
      'aria-hidden': 'true',
      style: 'width:100%;max-width:600px;height:60px'
    },
    line(1),
    line(2, '3')
  );
  const words = say(
    _('↓ %s a second (line) · ↑ %s a second (dashes)'),
    last ? bytes(last[1]) : '…',
    last ? bytes(last[2]) : '…'
  );
  return el('div', drawing, el('p', words));
}
