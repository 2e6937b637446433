const HOSTS_PER_NET = 250;

/** The first two bytes of the targets' addresses: of pods, or of loopback. */
export type AddressPrefix = "10.244" | "127.0";

/** The address of target `index` over all parts: each has its own, as each pod has, so connections are not shared. */
export function targetAddress(prefix: AddressPrefix, index: number): string {
  const net = 1 + Math.floor(index / HOSTS_PER_NET);
  return `${prefix}.${net}.${1 + (index % HOSTS_PER_NET)}`;
}
