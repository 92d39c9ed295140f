/** The applets of OpenWrt's busybox that the bootstrap may use (OpenWrt's Config-defaults.in, 24.10 and later). */
export const openwrtApplets = [
  'ash awk basename cat chgrp chmod chown cmp cp cut date dd df dirname du echo env expr false find flock free',
  'grep gunzip gzip head hexdump hostname id kill ln logger ls md5sum mkdir mkfifo mktemp mount mv nc netstat nice',
  'nslookup passwd pgrep pidof ping printf ps pwd readlink rm rmdir sed seq setsid sh sha256sum sleep sort',
  'start-stop-daemon strings sync sysctl tail tar tee test time top touch tr true umount uname uniq uptime wc which',
  'xargs yes zcat'
].flatMap((line) => line.split(' '));
