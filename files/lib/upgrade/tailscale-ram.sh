# shellcheck shell=dash
# sysupgrade keeps files, not packages: this adds the package's own to every backup, and what puts them back at the
# first boot of an image without them.
# shellcheck disable=SC2034 # sysupgrade reads it
sysupgrade_init_conffiles="$sysupgrade_init_conffiles keep_tailscale_ram"

# keep_tailscale_ram LIST: adds to the paths that sysupgrade is about to pack. If anything fails here, the list
# stays as it was.
keep_tailscale_ram() {
	# Else somebody only wants to see the list.
	[ "$CONF_BACKUP_LIST" = 1 ] || (
		umask 077
		# tar drops everything up to the last `..`: what is below here, in RAM, has its place in the new system's /etc.
		stage=/var/run/tailscale-ram/backup/etc
		# sysupgrade itself needs some room, and does not notice if there is none.
		[ "$(df -k /tmp | awk 'END { print $4 }')" -gt 256 ] &&
			mkdir -p $stage/uci-defaults $stage/tailscale-ram &&
			ln -sfn / $stage/tailscale-ram/package &&
			cp /usr/libexec/tailscale-ram/restore $stage/uci-defaults/99-tailscale-ram &&
			{
				cat "$1" &&
					find /etc/rc.d -name '*tailscale-ram*' &&
					echo $stage/../etc/uci-defaults/99-tailscale-ram &&
					for info in /usr/lib/opkg/info /lib/apk/packages; do
						ls $info/luci-app-tailscale-ram.*
						cat $info/luci-app-tailscale-ram.list
					done | while read -r file; do
						[ ! -f "$file" ] || echo "$stage/../etc/tailscale-ram/package$file" || exit
					done
			} >$stage/list && mv $stage/list "$1"
	) 2>/dev/null || echo 'This backup will not bring Tailscale back.' >&2
}
