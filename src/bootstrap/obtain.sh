# From a list of servers to binaries in place.

wanted='' person_asks='' vain_now='' installed='' installed_flavour='' member=''

# obtain MEMBER…: fetches, verifies and tries the newest version, or the one in `wanted`, and puts it into place.
obtain() {
	flavour='' vain_now=''
	repair_resolv_conf
	find_arch || return
	free_images
	case $TSR_BUILD in compact*) flavour=$TSR_BUILD ;; esac
	try_sources "$@" && return
	case $TSR_BUILD:$error_code:$TSR_MIRROR in
	auto:memory-low:?* | auto:disk-full:?*) ;;
	*) return 1 ;;
	esac
	# The agent notes what no compact build has.
	in_use=$(cat "$TSR_STATE_DIR/in-use" 2>/dev/null)
	[ -z "$in_use" ] || {
		fail "$error_code" "$error_detail; a compact build lacks $in_use"
		return
	}
	log 'taking a compact build'
	flavour=compact-ssh
	try_sources "$@"
}

# try_sources MEMBER…: the servers in their order, then the cache; the error is that of the first server.
try_sources() {
	local source servers=$TSR_SOURCE code='' detail=''
	if [ -n "$flavour" ]; then
		servers=$TSR_MIRROR member=tailscaled
		! can_mount || member=image
		set -- "$member"
		[ -n "$servers" ] || code=version-missing detail='no mirror is set'
	fi
	for source in $servers; do
		if try_source "$source" "$@" || { may_differ && try_source "$source" "$@"; }; then
			forget_error
			return
		fi
		[ -n "$code" ] || code=$error_code detail=$error_detail
		case $error_code in memory-low | disk-full | run-check-failed) return 1 ;; esac
	done
	if resolve_from_cache; then
		if obtain_from "$cached" "$@"; then
			forget_error
			return
		fi
	fi
	error_code=$code error_detail=$detail
	return 1
}

# Whether the same server may have something else that runs: the last good version, or one that needs no mount.
may_differ() {
	if [ "$error_code" = run-check-failed ]; then
		last_good_version
	else
		[ "$member$cannot_mount" = image1 ] && member=tailscaled
	fi
}

# try_source SOURCE MEMBER…
try_source() {
	local source=$1 track=$TSR_TRACK
	shift
	enter resolving
	if [ -n "$flavour" ]; then
		track=stable
		set -- "$member"
		resolve_compact "$source"
	else
		resolve "$source"
	fi || return
	[ -n "$arch" ] && [ "$version $flavour" = "$installed $installed_flavour" ] && return
	if find_cached; then
		obtain_from "$cached" "$@" && return
		[ "$error_code" != memory-low ] || return
		log "removing $cached"
		rm -f "$cached" "$cached.sha256"
		[ "$error_code" != run-check-failed ] || return
	fi
	cached=
	obtain_from "$source/$track/$file" "$@"
}

# obtain_from URL MEMBER…: URL may be a path in the cache.
obtain_from() {
	local url=$1
	shift
	if is_set_aside "$version" && [ "$version" != "$wanted" ] && [ -z "$person_asks" ]; then
		fail run-check-failed "version $version does not run here"
		return
	fi
	enter checking-memory
	choose_members "$@" || return
	if [ -z "$cached" ] && ! may_download; then
		vain_now=1
		fail "$vain_code" "$vain archives came to nothing: no more today"
		return
	fi
	log "fetching $members $version for $arch from $url"
	if transfer "$url" && keep_in_cache && run_check; then
		put_in_place
		return
	fi
	forget_cache_part
	free_images
	if [ -z "$cached" ] && [ "$downloaded" -gt 1048576 ]; then
		vain_now=1
		note_vain "$error_code"
	fi
	rm -rf "$work"
	return 1
}

# A binary that cannot even tell its version does not run on this router: wrong processor, old kernel.
run_check() {
	local member status first program
	for member in $members; do
		program=$work/$member
		if [ "$member" = image ]; then
			mount_image || return
			program=$image/tailscaled
		else
			chmod 0755 "$program"
		fi
		if is_program "$program"; then
			"$program" --version >"$work/said" 2>&1 </dev/null 9>&- &
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
	about_program "$1"
	case $key:$arch in "$arch:$arch" | 386:geode) ;; *) return 1 ;; esac
}

# Each file appears at once and whole. Between two versions there is none written down, so that a power cut never
# leaves a daemon under another one's name. A CLI of another version than the daemon's goes.
put_in_place() {
	local member
	rm -f "$TSR_RAM_DIR/version"
	# Of a compact build, the daemon is the CLI, too.
	case $flavour:$members in
	*:image)
		ln -s "../${image##*/}/tailscaled" "$work/tailscaled" && ln -s "../${image##*/}/tailscale" "$work/tailscale"
		members='tailscaled tailscale'
		;;
	?*:*)
		ln -s tailscaled "$work/tailscale"
		members='tailscaled tailscale'
		;;
	esac
	for member in $members; do
		if ! mv -f "$work/$member" "$bin/$member"; then
			fail disk-full "$bin/$member cannot be written"
			return
		fi
	done
	echo "$version $arch${flavour:+ $flavour}" >"$work/version" && mv -f "$work/version" "$TSR_RAM_DIR/version"
	[ "$members" != tailscaled ] || rm -f "$bin/tailscale"
	rm -rf "$work"
	quick=0 starved=0
}

# Sets version to that of the daemon in RAM, and arch; empty where there is none.
read_installed() {
	installed='' installed_flavour=''
	if [ -x "$bin/tailscaled" ] && ! read -r installed arch installed_flavour 2>/dev/null <"$TSR_RAM_DIR/version"; then
		installed=$("$bin/tailscaled" --version | head -n 1)
		installed=${installed%%[!0-9.]*}
		find_arch || :
	fi
	flavour=$installed_flavour
	version=$installed
}
