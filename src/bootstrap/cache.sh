# Verified archives on a USB stick or a large overlay, if there is one: at most two, the newest. They are checked
# again at each use; a stick that was pulled out is no error.

cache_part=''

cache_is_there() {
	[ -n "$TSR_CACHE_DIR" ] && [ -d "$TSR_CACHE_DIR" ]
}

# Succeeds if the archive that is wanted lies in the cache; sets cached to its path.
find_cached() {
	cached=$TSR_CACHE_DIR/$file
	cache_is_there && [ -f "$cached" ] && [ ! -L "$cached" ]
}

# When no server can be reached: sets version, file, sum and cached to the newest archive for this architecture.
resolve_from_cache() {
	local candidate name
	cached=
	cache_is_there || return
	for candidate in "$TSR_CACHE_DIR"/tailscale_*_"$arch".tgz; do
		[ -f "$candidate" ] && [ ! -L "$candidate" ] && [ -f "$candidate.sha256" ] || continue
		name=${candidate##*/tailscale_}
		name=${name%"_$arch.tgz"}
		is_version "$name" && ! is_set_aside "$name" || continue
		[ -z "$wanted$TSR_VERSION" ] || [ "$name" = "${wanted:-$TSR_VERSION}" ] || continue
		[ -z "$cached" ] || [ "$candidate" -nt "$cached" ] || continue
		cached=$candidate version=$name
	done
	[ -n "$cached" ] || return
	file=${cached##*/}
	read -r sum _ <"$cached.sha256" || :
	# shellcheck disable=SC2046 # two numbers
	set -- $(kept_sizes "$arch")
	daemon_size=$1 cli_size=$2
}

# Sets cache_part to the file that takes a copy of what is downloaded, if there is room for it.
choose_cache_part() {
	cache_part=''
	cache_is_there && [ -z "$cached" ] || return 0
	rm -f "$TSR_CACHE_DIR"/.part.*
	[ "$(df -Pk "$TSR_CACHE_DIR" | awk 'END { print $4 * 1024 }')" -gt "$((daemon_size + cli_size))" ] || return 0
	: 2>/dev/null >"$TSR_CACHE_DIR/.part.$$" && cache_part=$TSR_CACHE_DIR/.part.$$
}

# After the archive has been verified.
keep_in_cache() {
	local candidate newest='' second=''
	[ -n "$cache_part" ] || return 0
	echo "$sum" >"$TSR_CACHE_DIR/$file.sha256" && sync && mv -f "$cache_part" "$TSR_CACHE_DIR/$file" || return 0
	for candidate in "$TSR_CACHE_DIR"/tailscale_*.tgz; do
		if [ -z "$newest" ] || [ "$candidate" -nt "$newest" ]; then
			second=$newest newest=$candidate
		elif [ -z "$second" ] || [ "$candidate" -nt "$second" ]; then
			second=$candidate
		fi
	done
	for candidate in "$TSR_CACHE_DIR"/tailscale_*.tgz; do
		[ "$candidate" = "$newest" ] || [ "$candidate" = "$second" ] || rm -f "$candidate" "$candidate.sha256"
	done
} 2>/dev/null

forget_cache_part() {
	[ -z "$cache_part" ] || rm -f "$cache_part"
	cache_part=''
}
