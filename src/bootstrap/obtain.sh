# From a list of servers to binaries in place.

wanted='' person_asks='' vain_now='' installed=''

# obtain MEMBER…: fetches, verifies and tries the newest version, or the one in `wanted`, and puts it into place.
# The servers are tried in their order, then the cache; the error is that of the first server.
obtain() {
	local source code='' detail=''
	vain_now=''
	repair_resolv_conf
	find_arch || return
	for source in $TSR_SOURCE; do
		if try_source "$source" "$@" || { [ "$error_code" = run-check-failed ] && last_good_version && try_source "$source" "$@"; }; then
			forget_error
			return
		fi
		[ -n "$code" ] || code=$error_code detail=$error_detail
		case $error_code in memory-low | disk-full | run-check-failed) return 1 ;; esac
	done
	if resolve_from_cache; then
		log "no server helped; taking $file from $TSR_CACHE_DIR"
		if obtain_from "$cached" "$@"; then
			forget_error
			return
		fi
	fi
	error_code=$code error_detail=$detail
	return 1
}

# try_source SOURCE MEMBER…
try_source() {
	local source=$1
	shift
	enter resolving
	resolve "$source" || return
	[ -n "$arch" ] && [ "$version" = "$installed" ] && return
	if find_cached; then
		obtain_from "$cached" "$@" && return
		[ "$error_code" != memory-low ] || return
		log "$cached is not what it should be; removing it"
		rm -f "$cached" "$cached.sha256"
		[ "$error_code" != run-check-failed ] || return
	fi
	cached=
	obtain_from "$source/$TSR_TRACK/$file" "$@"
}

# obtain_from URL MEMBER…: URL may be a path in the cache.
obtain_from() {
	local url=$1
	shift
	if is_set_aside "$version" && [ "$version" != "$wanted" ] && [ -z "$person_asks" ]; then
		fail run-check-failed "version $version does not run here, and no other is known to"
		return
	fi
	enter checking-memory
	choose_members "$@" || return
	if [ -z "$cached" ] && ! may_download; then
		vain_now=1
		fail "$vain_code" "$vain archives came to nothing within a day; no more of them are downloaded today"
		return
	fi
	log "fetching $members $version for $arch from $url"
	if transfer "$url" && keep_in_cache && run_check; then
		put_in_place
		return
	fi
	forget_cache_part
	if [ -z "$cached" ] && [ "$downloaded" -gt 1048576 ]; then
		vain_now=1
		note_vain "$error_code"
	fi
	rm -rf "$work"
	return 1
}

# A binary that cannot even tell its version does not run on this router: wrong processor, old kernel.
run_check() {
	local member status first
	for member in $members; do
		chmod 0755 "$work/$member"
		if is_program "$work/$member"; then
			"$work/$member" --version >"$work/said" 2>&1 </dev/null 9>&- &
			born
			within 60 $!
			status=$?
		else
			echo 'not a program for this processor' >"$work/said"
			status=126
		fi
		first=
		read -r first <"$work/said"
		case $first in
		"$version" | "$version"[!0-9.]*) [ "$status" != 0 ] || continue ;;
		esac
		set_aside "$version" run-check-failed
		fail run-check-failed "$member $version ended with $status and said: $(head -c 200 "$work/said")"
		return
	done
}

# What the kernel refuses to run, a shell takes for a script of its own; so it is never tried.
is_program() {
	case $(head -c 2 "$1") in '#!') return ;; esac
	case $(arch_of_elf "$(elf_identity "$1")"):$arch in "$arch:$arch" | 386:geode) ;; *) return 1 ;; esac
}

# Each file appears at once and whole. Between two versions there is none written down, so that a power cut never
# leaves a daemon under another one's name. A CLI of another version than the daemon's goes.
put_in_place() {
	local member
	case $members in tailscaled*) rm -f "$TSR_RAM_DIR/version" ;; esac
	for member in $members; do
		if ! mv -f "$work/$member" "$bin/$member"; then
			fail disk-full "$bin/$member cannot be written"
			return
		fi
	done
	case $members in
	tailscaled*) echo "$version $arch" >"$work/version" && mv -f "$work/version" "$TSR_RAM_DIR/version" ;;
	esac
	[ "$members" != tailscaled ] || rm -f "$bin/tailscale"
	rm -rf "$work"
	quick=0 starved=0
}

# Sets version to that of the daemon in RAM, and arch; empty where there is none.
read_installed() {
	installed=
	if [ ! -x "$bin/tailscaled" ]; then
		:
	elif [ -r "$TSR_RAM_DIR/version" ]; then
		read -r installed arch _ <"$TSR_RAM_DIR/version" || :
	else
		installed=$("$bin/tailscaled" --version | head -n 1)
		installed=${installed%%[!0-9.]*}
		find_arch || :
	fi
	version=$installed
}
