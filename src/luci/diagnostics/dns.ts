import { ask, duration, el, row, say } from '../common.ts';
import type { Text } from '../devices/words.ts';
import { choice, inputFor, section } from './parts.ts';

interface Answer {
  /** Missing if the reply was no answer of DNS. */
  code?: string;
  answers?: { name: string; type: string; ttl: number; data: string }[];
  resolvers: string[];
}

/** What this router's Tailscale answers for a name, and whom it asks. */
export function dnsSection(): HTMLElement {
  const type = choice('A AAAA CNAME MX NS PTR SOA SRV TXT');
  const result = el('div', { role: 'status' });
  const [field, go] = inputFor(_('Look up'), {}, async (name) => {
    result.replaceChildren(...show(await ask<Answer>('dns_query', { name, type: type.value })));
  });
  return section(_('DNS'), row(_('Name'), field), row(_('Type'), type), go, result);
}

function show({ code = '?', answers = [], resolvers }: Answer): Node[] {
  const codes: Record<string, string> = {
    NOERROR: _('Nothing of this type has this name.'),
    NXDOMAIN: _('There is no such name.')
  };
  const lines: Text[] = answers.map(({ name, type, ttl, data }) => [
    el('bdi', name),
    ` ${type} `,
    el('b', el('bdi', data)),
    ' · ',
    duration(ttl)
  ]);
  if (!lines.length) lines.push([codes[code] ?? _('The name server could not tell.'), ` (${code})`]);
  lines.push(
    resolvers.length ? say(_('Asked: %s'), resolvers.join(', ')) : [_('No other server was asked.')]
  );
  return lines.map((line) => el('p', line));
}
