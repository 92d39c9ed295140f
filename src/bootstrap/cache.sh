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
	local candidate name tail=$arch
	cached=
	if [ -n "$flavour" ]; then
		tail=${arch}_$flavour
		[ "$member" != image ] || tail=${tail}_image
	fi
	cache_is_there || return
	for candidate in "$TSR_CACHE_DIR"/tailscale_*_"$tail".tgz; do
		[ -f "$candidate" ] && [ ! -L "$candidate" ] && [ -f "$candidate.sha256" ] || continue
		name=${candidate##*/tailscale_}
		name=${name%"_$tail.tgz"}
		is_version "$name" && ! is_set_aside "$name" || continue
		[ "$name" = "${wanted:-${TSR_VERSION:-$name}}" ] || continue
		[ -z "$cached" ] || [ "$candidate" -nt "$cached" ] || continue
		cached=$candidate version=$name
	done
	[ -n "$cached" ] || return
	file=${cached##*/}
	about_arch "$arch"
	read -r sum name _ <"$cached.sha256" || :
	[ -z "$flavour" ] || daemon_size=$name cli_size=$name
}

# Sets cache_part to the file that takes a copy of what is downloaded, if there is room for it.
choose_cache_part() {
	cache_part=''
	cache_is_there && [ -z "$cached" ] || return 0
	rm -f "$TSR_CACHE_DIR"/.part.*
	[ "$(space_in "$TSR_CACHE_DIR")" -gt "$((daemon_size + cli_size))" ] || return 0
	: 2>/dev/null >"$TSR_CACHE_DIR/.part.$$" && cache_part=$TSR_CACHE_DIR/.part.$$
}

# After the archive has been verified.
keep_in_cache() {
	local name
	[ -n "$cache_part" ] || return 0
	echo "$sum" ${flavour:+"$daemon_size"} >"$TSR_CACHE_DIR/$file.sha256" && sync && mv -f "$cache_part" "$TSR_CACHE_DIR/$file" || return 0
	# A name of several lines means nothing but files here.
	# shellcheck disable=SC2012
	(cd "$TSR_CACHE_DIR" && ls -t tailscale_*.tgz | tail -n +3 | while read -r name; do
		rm -f "$name" "$name.sha256"
	done)
} 2>/dev/null

forget_cache_part() {
	rm -f "$cache_part"
	cache_part=''
}
