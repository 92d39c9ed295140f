# What the bootstrap is doing, for everybody who wants to know: a JSON file that is replaced atomically and,
# at each change of phase, a ubus event. `src/shared/bootstrap-state.ts` describes it.

state_file=bootstrap.json
phase='' since=0 attempt=0 version='' arch='' bytes=0 total='' retry_in='' error_code='' error_detail=''

# What goes into JSON and the log of what servers and programs said, in the words of tr and of patterns.
plain='A-Za-z0-9 .,:;/?%+=()_~-'

# fail CODE DETAIL: remembers what went wrong; returns 1, so that a function can end with it.
fail() {
	error_code=$1 error_detail=$2
	[ ${#error_detail} -le 300 ] || error_detail=$(printf %.300s "$2")
	case $error_detail in
	*[!$plain]*) error_detail=$(printf %s "$error_detail" | tr -c "$plain" '?') ;;
	esac
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
	if [ "$state_file" = bootstrap.json ] && command -v ubus >/dev/null; then
		ubus -t 1 send tailscale-ram.bootstrap "$state" >/dev/null 2>&1
	fi
}

write_state() {
	local quoted_version=null quoted_arch=null error=null
	[ -z "$version" ] || quoted_version="\"$version\""
	[ -z "$arch" ] || quoted_arch="\"$arch\""
	[ -z "$error_code" ] || error="{\"code\":\"$error_code\",\"detail\":\"$error_detail\"}"
	state="{\"phase\":\"$phase\",\"since\":$since,\"attempt\":$attempt"
	state="$state,\"version\":$quoted_version,\"arch\":$quoted_arch,\"bytes\":$bytes,\"total\":${total:-null}"
	state="$state,\"retry_in\":${retry_in:-null},\"error\":$error}"
	echo "$state" >"$TSR_RUN_DIR/.$state_file.$$" && mv -f "$TSR_RUN_DIR/.$state_file.$$" "$TSR_RUN_DIR/$state_file"
} 2>/dev/null
