# Which version to fetch, from where, and how large it is.

# resolve SOURCE: sets version, file, sum, daemon_size and cli_size.
resolve() {
	wanted_version
	if [ -n "$version" ]; then
		file=tailscale_${version}_$arch.tgz
		daemon_size='' cli_size=''
	else
		read_index "$1" || return
	fi
	if [ -n "$wanted" ] || ! is_set_aside "$version"; then
		:
	elif last_good_version; then
		log "version $version was set aside; taking $good, the last one that ran here"
		version=$good file=tailscale_${good}_$arch.tgz daemon_size='' cli_size=''
	fi
	read_checksum "$1" || return
	[ -n "$daemon_size" ] || read_sizes "$1"
	if is_32_bit "$arch" && ! version_at_least "$version" "$MINIMUM_VERSION_32_BIT"; then
		log "version $version is known to crash on 32-bit processors; take $MINIMUM_VERSION_32_BIT or newer"
	fi
}

# Sets version to the one that was asked for, by a command or by the settings; empty: the newest.
wanted_version() {
	version=${wanted:-$TSR_VERSION}
}

read_index() {
	local index="$work/index"
	download_small "$1/$TSR_TRACK/?mode=json" "$index" 262144 || return
	version=$(index_value TarballsVersion)
	if ! is_version "$version"; then
		version=
		fail index-unreadable "$1 names no version: $(head -c 120 "$index")"
		return
	fi
	file=$(index_value Tarballs "$arch")
	if [ -z "$file" ]; then
		fail arch-unsupported "$1 has version $version, but not for $arch"
	elif ! is_file_name "$file"; then
		fail index-unreadable "$1 names no file for $arch"
	else
		daemon_size=$(index_value Sizes "$arch" tailscaled)
		cli_size=$(index_value Sizes "$arch" tailscale)
		is_number "$daemon_size" && is_number "$cli_size" || daemon_size=''
	fi
}

# index_value KEY [KEY [KEY]]: prints the string or number that stands there, or nothing. jsonfilter is on
# every router; the small reader is for everywhere else and takes only what the index can hold.
index_value() {
	local path='@' key
	if command -v jsonfilter >/dev/null; then
		for key; do path="${path}['$key']"; done
		jsonfilter -i "$work/index" -e "$path" 2>/dev/null
	else
		tr -d ' \t\r\n' <"$work/index" | awk -v keys="$*" '
			BEGIN { depth = split(keys, key, " ") }
			/^[{].*[}]$/ {
				rest = substr($0, 2)
				for (i = 1; i <= depth; i++) {
					at = index(rest, "\"" key[i] "\":")
					if (!at) exit
					rest = substr(rest, at + length(key[i]) + 3)
					if (i < depth) {
						end = i == 1 && depth == 3 ? index(rest, "}}") + 1 : index(rest, "}")
						if (substr(rest, 1, 1) != "{" || !end) exit
						rest = substr(rest, 2, end - 1)
					}
				}
				if (match(rest, /^"[^"\\]*"/)) print substr(rest, 2, RLENGTH - 2)
				else if (match(rest, /^[0-9]+/)) print substr(rest, 1, RLENGTH)
			}'
	fi
}

# The published checksum: 64 hexadecimal digits, alone or followed by a file name.
read_checksum() {
	sum=''
	if download_small "$1/$TSR_TRACK/$file.sha256" "$work/published" 1024; then
		read -r sum _ <"$work/published" || :
		case $sum in
		*[!0-9a-f]*) sum='' ;;
		????????????????????????????????????????????????????????????????) return ;;
		esac
		fail checksum-missing "what $1 publishes for $file is no checksum"
	elif [ "$http_status" = 404 ] && [ -n "$TSR_VERSION$wanted" ]; then
		fail version-missing "$1 does not have version $version for $arch"
	elif [ "$http_status" = 404 ]; then
		fail checksum-missing "$1 publishes no checksum for $file"
	else
		return 1
	fi
}

# The kept sizes where the index has none: from a file beside the archive on a mirror, else measured ones.
read_sizes() {
	local code=$error_code detail=$error_detail
	if [ "$1" != https://pkgs.tailscale.com ] && download_small "$1/$TSR_TRACK/$file.size" "$work/sizes" 256 2>/dev/null; then
		read -r daemon_size cli_size _ <"$work/sizes" || :
		is_number "$daemon_size" && is_number "$cli_size" && return
	fi
	error_code=$code error_detail=$detail
	# shellcheck disable=SC2046 # two numbers
	set -- $(kept_sizes "$arch")
	daemon_size=$1 cli_size=$2
}
