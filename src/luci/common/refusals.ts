/** Why something was not done, in words. */

import type { AgentError, AgentErrorCode } from '../../shared/agent-errors.ts';
import { refusal } from './agent.ts';
import { say, type Child } from './elements.ts';

/** What was thrown: the agent's refusal, or that it could not be asked. */
export function explainFailure(error: unknown): Child {
  const why = refusal(error);
  if (why) return explainRefusal(why);
  const message = String(error);
  if (/-32002|code 6\b|session/.test(message)) return _('This login may not do that, or has expired.');
  if (/-32000|code [45]\b/.test(message))
    return _('Tailscale’s agent is not running. It starts again by itself.');
  return _('The router does not answer; it may be restarting.');
}

/** A sentence for each of the agent's codes; the code stands at its end, for searching. */
export function explainRefusal({ code, detail, corrected }: AgentError): Child {
  const range = _('This is not one of the possible values.');
  const much = _('This is too much.');
  const sentences: Partial<Record<AgentErrorCode, string>> = {
    'wrong-type': range,
    'out-of-range': range,
    'too-long': much,
    'too-many': much,
    'invalid-text': _('It has characters that cannot be used here.'),
    'not-a-url': _('An address is written https://login.example.com.'),
    'insecure-url': _('On the Internet it has to be https.'),
    'not-an-auth-key': _('Tailscale’s auth keys begin with tskey-auth-.'),
    'not-a-host-name': _('A name has letters, digits and hyphens, at most 63.'),
    'not-a-user-name': _('This is not the name of a user.'),
    'not-a-tag': _('A tag is written tag:name, in letters, digits and hyphens.'),
    'not-a-prefix': _('A subnet is written 192.168.1.0/24 or fd00:1::/64.'),
    'host-bits': _('The subnet is %s.'),
    'default-route': _('Offer an exit node instead of this route.'),
    'not-an-address': _('An address is written 192.168.1.1 or fd00::1.'),
    'not-an-endpoint': _('An endpoint is written 203.0.113.1:40000.'),
    'not-a-version': _('A version is written 1.102.5.'),
    'not-found': _('There is no such thing any more.'),
    'not-logged-in': _('This router is not in a tailnet. Log in first.'),
    unsupported: _('The Tailscale that runs cannot do that.'),
    policy: _('The router decides this.'),
    conflict: _('This conflicts with other settings.'),
    busy: _('Something else is still under way.'),
    'too-many-jobs': _('Too much is under way at once.'),
    'daemon-unreachable': _('Tailscale does not answer; it may be starting.'),
    'daemon-refused': _('Tailscale refused: %s'),
    timeout: _('There was no answer in time.'),
    'login-refused': _('The login server refused: %s'),
    'update-failed': _('The update failed (%s). This version goes on until a restart.'),
    'not-confirmed': _('It was undone, because nobody confirmed it.')
  };
  const sentence = sentences[code] ?? _('Something went wrong; the log says more.');
  return [say(sentence, corrected ?? detail), ` (${code})`];
}
