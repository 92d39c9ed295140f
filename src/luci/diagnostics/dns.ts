import { ask, duration, el, fill, row, say, select, type Child } from '../common.ts';
import { inputFor, options, section } from './parts.ts';

interface Answer {
  /** Missing if the reply was no answer of DNS. */
  code?: string;
  answers?: { name: string; type: string; ttl: number; data: string }[];
  resolvers: string[];
}

/** What this router's Tailscale answers for a name, and whom it asks. */
export function dnsSection(): HTMLElement {
  const type = select({}, options('A AAAA CNAME MX NS PTR SOA SRV TXT'));
  const result = el('div', { role: 'status' });
  const [field, go] = inputFor(_('Look up'), {}, async (name) => {
    fill(result, show(await ask<Answer>('dns_query', { name, type: type.value })));
  });
  return section(_('DNS'), row(_('Name'), field), row(_('Type'), type), go, result);
}

function show({ code = '?', answers = [], resolvers }: Answer): Child {
  const codes: Record<string, string> = {
    NOERROR: _('Nothing of this type has this name.'),
    NXDOMAIN: _('There is no such name.')
  };
  const lines = answers.map(({ name, type, ttl, data }): Child => [
    el('bdi', name),
    ` ${type} `,
    el('b', el('bdi', data)),
    ' · ',
    duration(ttl)
  ]);
  return [
    ...(lines[0] ? lines : [[codes[code] ?? _('The name server could not tell.'), ` (${code})`]]),
    resolvers[0] ? say(_('Asked: %s'), resolvers.join(', ')) : _('No other server was asked.')
  ].map((line) => el('p', line));
}
