# Two daemons on one router fight over the TUN device, the routes and the node's identity, so ours never
# starts beside another one, be it from a package or made by hand.

# Succeeds, and sets other to a description, if another tailscaled runs here or is started at boot.
find_other_tailscaled() {
	local directory name
	other=
	for directory in /proc/[0-9]*; do
		read -r name <"$directory/comm" || continue
		[ "$name" = tailscaled ] || continue
		# Ours, also when the file was replaced since.
		case $(readlink "$directory/exe") in '' | */tailscale-ram/*/tailscaled*) continue ;; esac
		# One in a container does no harm.
		[ "$(readlink "$directory/ns/net")" = "$(readlink /proc/self/ns/net)" ] || continue
		other="process ${directory#/proc/} runs $(readlink "$directory/exe")"
		return
	done 2>/dev/null
	while read -r name; do
		case $name in '' | *tailscale-ram*) continue ;; esac
		other="${name#"$TSR_ROOT"} starts one"
		return
	done <<-EOT
		$(grep -ls '^[^#]*tailscaled' "$TSR_ROOT"/etc/rc.d/S* "$TSR_ROOT"/etc/crontabs/* "$TSR_ROOT/etc/rc.local")
	EOT
	return 1
}
