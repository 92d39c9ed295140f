# Two daemons on one router fight over the TUN device, the routes and the node's identity, so ours never
# starts beside another one, be it from a package or made by hand.

# Succeeds, and sets other to a description, if another tailscaled runs here or is started at boot.
find_other_tailscaled() {
	local directory name
	other=
	for directory in /proc/[0-9]*; do
		read -r name <"$directory/comm" || continue
		[ "$name" = tailscaled ] || continue
		case $(readlink "$directory/exe") in
		# Ours, also when the file was replaced since.
		*/tailscale-ram/*/tailscaled*) ;;
		# Not a shell that runs a script of that name. One in a container does no harm.
		*tailscale*) [ "$(readlink "$directory/ns/net")" != "$(readlink /proc/self/ns/net)" ] || {
			other="process ${directory#/proc/} runs $(readlink "$directory/exe")"
			return
		} ;;
		esac
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
