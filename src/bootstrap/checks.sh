# What a setting can be; the build appends it to files/usr/libexec/tailscale-ram/settings, too. Each sets what, which
# tells a person.

one_of() {
	local value="$1" choice
	shift
	what="one of: $*"
	for choice; do
		[ "$value" != "$choice" ] || return 0
	done
	return 1
}

# is_number VALUE [LEAST MOST]. A leading zero is refused: some would read it as octal.
is_number() {
	what="a number from ${2:-0} to ${3:-99999999}"
	case $1 in '' | 0?* | *[!0-9]* | ?????????*) return 1 ;; esac
	[ "$1" -ge "${2:-0}" ] && [ "$1" -le "${3:-99999999}" ]
}

is_version() {
	what='a version such as 1.102.5'
	case $1 in '' | *[!0-9.]* | .* | *. | *..*) return 1 ;; esac
}

is_path() {
	# shellcheck disable=SC2034 # the bootstrap does not tell
	what='an absolute path'
	case $1 in *[[:cntrl:]]*) return 1 ;; /*) ;; *) return 1 ;; esac
}

# Only https: the checksum comes from the same server. No @: everybody on the router could read the password.
is_address() {
	case $1 in https://?*) ;; *) return 1 ;; esac
	case ${1#https://} in *[!A-Za-z0-9.:/_~-]*) return 1 ;; esac
}
