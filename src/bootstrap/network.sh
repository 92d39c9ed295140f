# What must be right on the router before anything can be downloaded.

# A tailscaled that was cut off with accept-dns on leaves a resolv.conf that asks itself: nothing resolves
# until there is a tailscaled again, and nothing can be downloaded until something resolves.
repair_resolv_conf() {
	local backup="${TSR_RESOLV_CONF%/*}/resolv.pre-tailscale-backup.conf"
	asks_itself || return 0
	if [ -e "$backup" ] || [ -L "$backup" ]; then
		mv -f "$backup" "$TSR_RESOLV_CONF"
	else
		ln -s /tmp/resolv.conf "$TSR_RESOLV_CONF.$$" && mv -f "$TSR_RESOLV_CONF.$$" "$TSR_RESOLV_CONF"
	fi
	log "$TSR_RESOLV_CONF still pointed at 100.100.100.100; restored it"
}

asks_itself() {
	local key value
	[ -r "$TSR_RESOLV_CONF" ] || return
	while read -r key value _; do
		[ "$key" = nameserver ] && [ "$value" = 100.100.100.100 ] && return
	done <"$TSR_RESOLV_CONF"
	return 1
}

clock_is_set() {
	[ -e "$TSR_RUN_DIR/clock-synced" ]
}

# Whether WAN has come up since this was last asked: the iface hotplug's mark, which goes with the answer.
wan_came_up() {
	[ -e "$TSR_RUN_DIR/wan-up" ] && rm -f "$TSR_RUN_DIR/wan-up"
}

# Whether the main table has a default route, IPv4 or IPv6.
has_default_route() {
	local device destination prefix
	while read -r device destination _; do
		[ "$destination" = 00000000 ] && return
	done </proc/net/route
	while read -r destination prefix _ _ _ _ _ _ _ device; do
		[ "$prefix" = 00 ] && [ "$device" != lo ] && return
	done </proc/net/ipv6_route
	return 1
} 2>/dev/null
