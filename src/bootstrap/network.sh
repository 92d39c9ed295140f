# What must be right on the router before anything can be downloaded.

# A tailscaled that was cut off with accept-dns on leaves a resolv.conf that asks itself: nothing resolves
# until there is a tailscaled again, and nothing can be downloaded until something resolves.
repair_resolv_conf() {
	local backup="${TSR_RESOLV_CONF%/*}/resolv.pre-tailscale-backup.conf"
	grep -qs '^nameserver[[:blank:]]*100\.100\.100\.100' "$TSR_RESOLV_CONF" || return 0
	mv -f "$backup" "$TSR_RESOLV_CONF" 2>/dev/null ||
		{ ln -s /tmp/resolv.conf "$TSR_RESOLV_CONF.$$" && mv -f "$TSR_RESOLV_CONF.$$" "$TSR_RESOLV_CONF"; }
	log "restored $TSR_RESOLV_CONF"
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
	awk '
		$2 == "00000000" || $2 == "00" && $10 != "lo" { found = 1; exit }
		END { exit !found }' /proc/net/route /proc/net/ipv6_route
} 2>/dev/null
