'use strict';
'require view';
'require view.status.include.22_tailscale-ram as tailscale';

/** LuCI wants a view of what its menu leads to; all that the pages are made of is with the card, loaded once. */
export default view.extend(tailscale.page());
