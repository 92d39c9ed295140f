# What happened before in this boot: downloads in vain, starts of the daemon, versions that do not run here. And
# the last version that ran well, on flash, written by the agent.

# note_vain CODE: an archive was downloaded for nothing.
note_vain() {
	now
	echo "$uptime $1" >>"$TSR_RUN_DIR/vain"
}

# Sets vain to how many archives of the last 24 hours were downloaded in vain, vain_oldest to when the first of
# them was (uptime), and vain_code to what was wrong with the last.
read_vain() {
	local at code
	vain=0 vain_oldest=0 vain_code=''
	now
	while read -r at code; do
		[ "$at" -gt $((uptime - 86400)) ] || continue
		[ "$vain" -gt 0 ] || vain_oldest=$at
		vain=$((vain + 1)) vain_code=$code
	done 2>/dev/null <"$TSR_RUN_DIR/vain"
}

# Whether the day's allowance of archives in vain is not used up, or a person asks all the same.
may_download() {
	read_vain
	[ -n "$person_asks" ] || [ "$vain" -lt "$TSR_DAILY_ARCHIVES" ]
}

# Seconds to wait after the last download in vain.
vain_pause() {
	read_vain
	if [ "$vain" -ge "$TSR_DAILY_ARCHIVES" ]; then
		echo $((vain_oldest + 86400 - uptime))
	else
		echo $((vain < 8 ? 150 << vain : 21600))
	fi
}

# set_aside VERSION CODE: it is not taken again in this boot, unless it is asked for by name.
set_aside() {
	echo "$1 $2" >>"$TSR_RUN_DIR/set-aside"
}

is_set_aside() {
	grep -qsF "$1 " "$TSR_RUN_DIR/set-aside"
}

# Sets good to the last version that ran well here, if there is one that was not set aside since.
last_good_version() {
	local good_arch
	good=
	read -r good good_arch _ 2>/dev/null <"$TSR_STATE_DIR/last-good" || :
	is_version "$good" && [ "$good_arch" = "$arch" ] && ! is_set_aside "$good"
}

quick=0 starved=0 was_starved=''

# Judges how the last daemon ended: sets quick to how many in a row died right away, starved to how many of those
# for lack of memory, and was_starved if something was ended for that since it started. A stop that was asked for
# removes the file. One that lived no longer than ten seconds, counted from its start until procd calls again a second
# later (respawn in the init script), died by itself right away.
judge_last_run() {
	local at kills of
	quick=0 starved=0
	read -r at kills quick starved of 2>/dev/null <"$TSR_RUN_DIR/starts" || return 0
	now
	read_oom_kills
	[ "$oom_kills" = "$kills" ] || was_starved=1
	if [ "$of" != "$version" ] || [ $((uptime - at)) -gt 10 ]; then
		quick=0 starved=0
	elif [ "$oom_kills" -gt "$kills" ]; then
		starved=$((starved + 1))
	else
		quick=$((quick + 1))
	fi
}

# Right before the daemon starts.
note_start() {
	now
	read_oom_kills
	echo "$uptime $oom_kills $quick $starved $version" >"$TSR_RUN_DIR/starts"
}

# Sets oom_kills to how many processes the kernel has ended for lack of memory.
read_oom_kills() {
	local name value
	oom_kills=0
	while read -r name value; do
		if [ "$name" = oom_kill ]; then oom_kills=$value; fi
	done <"$TSR_VMSTAT"
}
