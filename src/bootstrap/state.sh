# What the bootstrap is doing, for everybody who wants to know: a JSON file that is replaced atomically and,
# at each change of phase, a ubus event. `src/shared/bootstrap-state.ts` describes it.

state_file=bootstrap.json
phase='' since=0 attempt=0 version='' arch='' flavour='' bytes=0 total='' retry_in='' error_code='' error_detail=''

# fail CODE DETAIL: remembers what went wrong; returns 1, so that a function can end with it. What servers and programs
# said goes into JSON and the log only as plain characters.
fail() {
	error_code=$1
	error_detail=$(printf %.300s "$2" | tr -c 'A-Za-z0-9 .,:;/?%+=()_~-' '?')
	log "$1: $error_detail"
	return 1
}

forget_error() {
	error_code='' error_detail=''
}

# Sets uptime, in seconds: no step of the clock changes it, and reading it starts no process.
now() {
	read -r uptime _ </proc/uptime
	uptime=${uptime%.*}
}

# enter PHASE [SECONDS]: begins a phase; SECONDS is when the next attempt will be.
enter() {
	now
	phase=$1 since=$uptime retry_in=${2:-}
	case $phase in downloading | verifying) ;; *) bytes=0 total= ;; esac
	write_state
	[ "$state_file" != bootstrap.json ] || ubus -t 1 send tailscale-ram.bootstrap "$state" >/dev/null 2>&1
}

write_state() {
	local quoted_version=${version:+'"'$version'"'} quoted_arch=${arch:+'"'$arch'"'} error=null
	[ -z "$error_code" ] || error="{\"code\":\"$error_code\",\"detail\":\"$error_detail\"}"
	state="{\"phase\":\"$phase\",\"since\":$since,\"attempt\":$attempt,\"version\":${quoted_version:-null},\"arch\":${quoted_arch:-null},\"build\":\"${flavour:-official}\",\"bytes\":$bytes,\"total\":${total:-null},\"retry_in\":${retry_in:-null},\"error\":$error}"
	echo "$state" >"$TSR_RUN_DIR/.$state_file.$$" && mv -f "$TSR_RUN_DIR/.$state_file.$$" "$TSR_RUN_DIR/$state_file"
} 2>/dev/null
