/** What `bootScript` needs to know. Paths are outside. */
export interface BootPlan {
  /** Where the router's root file system is mounted. */
  root: string;
  /** For files that only the router sees. */
  directory: string;
  /** What it writes to its console goes there. */
  console: string;
  /** Whether there is a /dev/net/tun. */
  tun: boolean;
  /** Whether it has kmod-zram, and so compressed swap of its own. */
  zram: boolean;
  /** Shown as its /proc/meminfo instead of the machine's. */
  meminfo?: string;
}

/**
 * A script for /bin/sh, first process in fresh namespaces, that makes a machine of them, waits for a line on its
 * standard input, and becomes OpenWrt's init. It mounts what init expects in a container (`container=owrt`): of
 * /proc and /sys only the network, what is read ahead of disks and compressed swap can be changed, /dev has what a
 * small router needs and no disk.
 */
export function bootScript({ root, directory, console, tun, zram, meminfo }: BootPlan): string {
  const proc = `${root}/proc`;
  const sys = `${root}/sys`;
  const dev = `${root}/dev`;
  const lines = [
    `mount -t proc -o nosuid,nodev,noexec proc ${proc}`,
    ...[`sys`, `sys/net`, `sys/kernel/hostname`].map(
      (name) => `mount --bind ${proc}/${name} ${proc}/${name}`
    ),
    `mount -o remount,bind,ro ${proc}/sys`,
    ...['sysrq-trigger', 'kmsg', 'kcore', 'keys', ...(zram ? [] : ['swaps'])].map(
      (name) => `[ ! -e ${proc}/${name} ] || mount --bind /dev/null ${proc}/${name}`
    ),
    // The init script `boot` would mount these.
    `grep -vE 'debugfs|bpf|pstore' /proc/filesystems >${directory}/filesystems`,
    `mount --bind ${directory}/filesystems ${proc}/filesystems`,
    // The kernel outlives the router, whose boots have to differ.
    `cat ${proc}/sys/kernel/random/uuid >${directory}/boot_id`,
    `mount --bind ${directory}/boot_id ${proc}/sys/kernel/random/boot_id`,
    ...(meminfo === undefined ? [] : [`mount --bind ${meminfo} ${proc}/meminfo`]),

    `mkdir -p ${directory}/sys`,
    `mount -t sysfs sysfs ${directory}/sys`,
    `mount -t sysfs -o ro,nosuid,nodev,noexec sysfs ${sys}`,
    ...[
      'devices/virtual/net',
      'devices/virtual/bdi',
      ...(zram ? ['devices/virtual/block', 'class/zram-control'] : [])
    ].map((name) => `mount --bind ${directory}/sys/${name} ${sys}/${name}`),
    `umount ${directory}/sys`,

    `mount -t tmpfs -o mode=0755,size=512k,nosuid,noexec dev ${dev}`,
    `mkdir ${dev}/pts ${dev}/net`,
    `mount -t devpts -o newinstance,ptmxmode=0666,mode=0620,nosuid,noexec devpts ${dev}/pts`,
    ...devices
      .filter(([name]) => tun || name !== 'net/tun')
      .map(([name, numbers, mode]) => `mknod -m ${mode} ${dev}/${name} c ${numbers}`),
    // kmod-loop; the kernel gives the next one that is free, whoever asks.
    `for loop in $(seq 0 63); do mknod -m 600 ${dev}/loop$loop b 7 $loop; done`,
    ...(zram
      ? [
          `zram=$(sed -n 's/^ *\\([0-9]*\\) zram$/\\1/p' /proc/devices)`,
          `for n in $(seq 0 63); do mknod -m 600 ${dev}/zram$n b $zram $n; done`
        ]
      : []),
    ...links.map(([name, target]) => `ln -s ${target} ${dev}/${name}`),
    `touch ${dev}/console`,
    `mount --bind ${console} ${dev}/console`,

    'hostname OpenWrt',
    'read -r _',
    `cd ${root}`,
    'pivot_root . mnt',
    'exec env -i container=owrt TERM=linux PATH=/usr/sbin:/usr/bin:/sbin:/bin ' +
      `chroot . /bin/sh -c 'umount -l /mnt; exec /sbin/init' </dev/null >/dev/console 2>&1`
  ];
  return ['set -eu', ...lines].join('\n');
}

const devices = [
  ['null', '1 3', '666'],
  ['zero', '1 5', '666'],
  ['full', '1 7', '666'],
  ['random', '1 8', '666'],
  ['urandom', '1 9', '666'],
  ['tty', '5 0', '666'],
  ['net/tun', '10 200', '600'],
  ['loop-control', '10 237', '600'],
  // There is no kernel log of its own to write to: it is null.
  ['kmsg', '1 3', '666']
] as const;

const links = [
  ['ptmx', 'pts/ptmx'],
  ['fd', '/proc/self/fd'],
  ['stdin', 'fd/0'],
  ['stdout', 'fd/1'],
  ['stderr', 'fd/2']
] as const;
