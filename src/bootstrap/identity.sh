# shellcheck shell=dash
# A node's identity is tailscaled's state file. To be sourced, by who has set umask 077.

# prepare_state STATE_FILE DIRECTORY: what must be there before tailscaled starts. DIRECTORY, in RAM, will be its
# --statedir; what of it must outlive a reboot (certificates, SSH host keys, tailnet lock) is linked to flash,
# which is written only when something is missing there.
prepare_state() {
	local name flash=/etc/tailscale
	mkdir -p "$flash" "$2"
	# Writes only if it is not root's alone already.
	find "$flash/." -maxdepth 0 ! \( -perm 700 -user 0 \) -exec chown 0:0 {} \; -exec chmod 700 {} \;
	for name in certs ssh tka-profiles; do
		# tailscaled cannot make a directory through a link that leads nowhere.
		[ -d "$flash/$name" ] || mkdir "$flash/$name"
		[ -L "$2/$name" ] || ln -s "$flash/$name" "$2/$name"
	done
	[ ! -s "$1" ] || return 0
	find_identity
	[ -n "$identity" ] || return 0
	name=copied
	copy_file "$identity" "$1" && adopt_files "${identity%/*}" || name='could not copy'
	logger -s -t tailscale-ram "$name this router's identity from $identity to $1"
}

# find_identity: sets identity to the most recently written one that a package left on this router; empty if none.
find_identity() {
	local candidate
	identity=
	for candidate in \
		"$(uci -q get tailscale.settings.state_file 2>/dev/null)" \
		/etc/tailscale/tailscaled.state \
		/etc/config/tailscaled.state \
		/var/lib/tailscale/tailscaled.state \
		/opt/tailscale/tailscaled.state \
		/root/.local/share/tailscale/tailscaled.state; do
		holds_identity "$candidate" || continue
		if [ -z "$identity" ] || [ "$candidate" -nt "$identity" ]; then identity=$candidate; fi
	done
}

# Not one that a power cut left half written.
holds_identity() {
	[ -f "$1" ] || return
	case $(cat "$1") in '{'*'"_machinekey"'*'}') ;; *) return 1 ;; esac
}

# One that has been in a tailnet.
holds_login() {
	holds_identity "$1" && grep -q '"profile-' "$1"
}

# adopt_files DIRECTORY: copies what belongs to a node beside its state (certificates, SSH host keys, tailnet lock) to
# where ours is, unless there is some already.
adopt_files() {
	local name flash=/etc/tailscale
	for name in certs ssh tka-profiles; do
		[ -n "$(ls -A "$1/$name" 2>/dev/null)" ] || continue
		[ -z "$(ls -A "$flash/$name" 2>/dev/null)" ] || continue
		rm -rf "$flash/$name.new"
		cp -pR "$1/$name" "$flash/$name.new" && sync && rm -rf "${flash:?}/$name" && mv "$flash/$name.new" "$flash/$name" || return
	done
}

# copy_file FROM TO: TO never holds less than all of it, whenever the power goes.
copy_file() {
	mkdir -p "${2%/*}"
	rm -f "$2.new"
	# noclobber: nothing is written through a link that somebody else puts there.
	(set -C && cat "$1" >"$2.new") && sync && mv -f "$2.new" "$2" && sync
}
