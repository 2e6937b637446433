const HOSTS_PER_NET = 250;

/** The address of target `index` over all parts: each has its own in 127/8, as each pod has, so connections are not shared. */
export function targetAddress(index: number): string {
  const net = 1 + Math.floor(index / HOSTS_PER_NET);
  return `127.0.${net}.${1 + (index % HOSTS_PER_NET)}`;
}
