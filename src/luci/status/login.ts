import {
  button,
  change,
  copyable,
  duration,
  el,
  explainFailure,
  fill,
  folded,
  input,
  link,
  lookAgain,
  pause,
  redraw,
  row,
  say,
  work,
  type Child,
  type Section
} from '../common.ts';
import type { Status } from '../../shared/status.ts';

/** The way into a tailnet: by a link, as a QR code too, or by a key. */
export function loginSection(): Section {
  const way = el('div');
  const failure = el('div', { role: 'alert' });
  const form = loginForm(failure);
  const done = el('div', { role: 'status' });
  let wasOut = false;
  const node = el(
    'div',
    { class: 'cbi-section', tabindex: -1, id: 'tsr-login', hidden: '' },
    way,
    failure,
    form,
    done
  );
  return [
    node,
    (status) => {
      const { login_url, state, self } = status;
      const out = state === 'NeedsLogin';
      node.hidden = !(out || login_url || done.firstChild);
      form.hidden = !out || !!login_url;
      redraw(way, [out, login_url], () => [
        out && el('h3', _('This router is not in a tailnet yet')),
        login_url && invitation(login_url)
      ]);
      if (state === 'Running' && !login_url) fill(failure);
      if (state === 'Running' && wasOut) redraw(done, self, () => expiry(self));
      wasOut = out || (wasOut && state !== 'Running');
    }
  ];
}

/** Most people learn of it when the router has become unreachable. */
function expiry(self: Status['self']): Child {
  if (!self?.key_expiry) return null;
  return el(
    'p',
    { class: 'alert-message notice' },
    say(
      _(
        'Logged in. This router’s key expires in %s; then nobody reaches it. Turn off its key expiry in the admin console.'
      ),
      duration(self.key_expiry - Date.now() / 1000)
    )
  );
}

function invitation(url: string): HTMLElement {
  const code = el('div', { style: 'flex:none;width:200px;height:200px' });
  drawCode(code, url);
  return el(
    'div',
    { style: 'display:flex;flex-wrap:wrap;gap:1em;align-items:center' },
    code,
    el(
      'div',
      { style: 'flex:1 1 15em;min-width:0;overflow-wrap:anywhere' },
      el('p', _('Scan with your phone, or open')),
      el('p', copyable(url, link(url))),
      el('p', { class: 'spinning' }, _('Waiting for your approval; this page goes on by itself.')),
      button(_('Cancel'), () => change('cancel_login'), 'neutral')
    )
  );
}

/** By LuCI's own library, which a small image may lack. In an image nothing can run, whatever it is made of. */
function drawCode(parent: HTMLElement, url: string): void {
  (L.require('uqr') as unknown as Promise<{ renderSVG(text: string): string }>).then(
    (library) => {
      parent.append(
        el('img', {
          src: `data:image/svg+xml,${encodeURIComponent(library.renderSVG(url))}`,
          alt: _('QR code of the link beside it'),
          style: 'width:100%;background:#fff'
        })
      );
    },
    () => undefined
  );
}

/** `failure` gets what was wrong. The key is taken out of its field the moment it is sent. */
function loginForm(failure: HTMLElement): HTMLElement {
  const server = field('url', 'https://controlplane.tailscale.com');
  const key = field('password', 'tskey-auth-…');
  const start = (args: {
    login_server?: string | undefined;
    auth_key?: string | undefined;
  }): Promise<void> => {
    fill(failure);
    key.value = '';
    const login = work('login', args).then(lookAgain, (error: unknown) => {
      fill(failure, el('p', { class: 'alert-message error' }, explainFailure(error)));
    });
    // The link is shown by itself; with a key there is none.
    return args.auth_key ? login : Promise.race([login, shownSoon()]);
  };
  return el(
    'div',
    el(
      'p',
      button(_('Log in'), () => start({}), 'apply')
    ),
    folded(
      _('Other ways: headscale or another login server, auth key'),
      row(_('Login server'), server, _('Empty: Tailscale’s own.')),
      row(_('Auth key'), key, _('Sent to Tailscale once and kept nowhere. Empty: by link.')),
      el(
        'p',
        button(_('Log in this way'), () => {
          const [login_server, auth_key] = [server, key].map(({ value }) => value.trim() || undefined);
          return start({ login_server, auth_key });
        })
      ),
      el('p', _('Where nobody is: Settings → Unattended login.'))
    )
  );
}

function field(type: string, placeholder: string): HTMLInputElement {
  return input({ type, placeholder, autocomplete: 'off' });
}

async function shownSoon(): Promise<void> {
  for (let i = 0; i < 15; i++) {
    await pause(1000);
    await lookAgain();
    if (document.querySelector('#tsr-login img')) return;
  }
}
