# Which version to fetch, from where, and how large it is.

# resolve SOURCE: sets version, file, sum, daemon_size and cli_size.
resolve() {
	about_arch "$arch"
	file='' daemon_size=''
	# The one that was asked for, by a command or by the settings; else the newest.
	version=${wanted:-$TSR_VERSION}
	[ -n "$version" ] || read_index "$1" || return
	if [ -z "$wanted" ] && is_set_aside "$version" && last_good_version; then
		log "taking $good, the last one that ran here"
		version=$good file='' daemon_size=''
	fi
	: "${file:=tailscale_${version}_$arch.tgz}"
	read_checksum "$1" || return
	[ -n "$daemon_size" ] || read_sizes "$1"
	version_at_least "$version" "$minimum" ||
		log "$version crashes on 32-bit processors; take $minimum or newer"
}

read_index() {
	download_small "$1/$TSR_TRACK/?mode=json" "$work/index" 262144 || return
	version=$(index_value TarballsVersion)
	if ! is_version "$version"; then
		version=
		fail index-unreadable "$1 names no version: $(head -c 120 "$work/index")"
		return
	fi
	file=$(index_value "Tarballs:[^}]*[{,]$arch")
	if [ -z "$file" ]; then
		fail arch-unsupported "$1 has no version $version for $arch"
	elif ! is_file_name "$file"; then
		fail index-unreadable "$1 names no file for $arch"
	else
		daemon_size=$(index_value "Sizes:.*[{,]$arch:[^}]*[{,]tailscaled")
		cli_size=$(index_value "Sizes:.*[{,]$arch:[^}]*[{,]tailscale")
		is_number "$daemon_size" && is_number "$cli_size" || daemon_size=''
	fi
}

# index_value KEY: prints the string or number that stands there, or nothing. KEY is a pattern, which may begin with the
# keys around it; what can mean something else in a string is refused by who takes it.
index_value() {
	tr -d '" \t\r\n' <"$work/index" | sed -n "s/^{.*[{,]$1:\([^,}]*\).*}\$/\1/p"
}

# The published checksum: 64 hexadecimal digits, alone or followed by a file name.
read_checksum() {
	sum=''
	if download_small "$1/$TSR_TRACK/$file.sha256" "$work/published" 1024; then
		read -r sum _ <"$work/published" || :
		case $sum in
		*[!0-9a-f]*) ;;
		????????????????????????????????????????????????????????????????) return ;;
		esac
	elif [ -z "$not_there" ]; then
		return 1
	elif [ -n "$TSR_VERSION$wanted" ]; then
		fail version-missing "$1 has no version $version for $arch"
		return
	fi
	fail checksum-missing "$1 publishes no checksum for $file"
}

# The kept sizes where the index has none: from a file beside the archive on a mirror, else measured ones.
read_sizes() {
	# It is no error that it is missing.
	local error_code error_detail
	if [ "$1" != https://pkgs.tailscale.com ] && download_small "$1/$TSR_TRACK/$file.size" "$work/sizes" 256 2>/dev/null; then
		read -r daemon_size cli_size _ <"$work/sizes" || :
		is_number "$daemon_size" && is_number "$cli_size" && return
	fi
	about_arch "$arch"
}
