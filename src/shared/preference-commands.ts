import type { PreferenceName } from './preferences.ts';

/** Of the preferences whose flag only one of `tailscale up` and `tailscale set` has: which. */
export const commands: Partial<Record<PreferenceName, 'up' | 'set'>> = {
  advertise_tags: 'up',
  auto_update: 'set',
  login_server: 'up',
  nickname: 'set',
  relay_server_port: 'set',
  relay_server_static_endpoints: 'set',
  remote_config: 'set',
  sync: 'set',
  update_check: 'set',
  webclient: 'set'
};
