/** What DNS says about one full name, both address families together. */
export type DnsAnswer =
  | DnsAddresses
  /** It does not exist, or has no address. */
  | { readonly kind: "absent" }
  /** A server answered that it cannot say (SERVFAIL, REFUSED and the like). */
  | { readonly kind: "unable"; readonly why: string }
  /** No server answered. */
  | { readonly kind: "silent"; readonly why: string };

export interface DnsAddresses {
  readonly kind: "addresses";
  readonly addresses: readonly string[];
  readonly ttlMs: number;
  /** All of them, where the other family had not been answered for yet. Never rejects. */
  readonly whole?: Promise<DnsAnswer>;
}

/**
 * Asks for the names of a search list one after the other, as glibc does: a name that is absent, or that a server cannot say
 * anything about, is passed over; silence ends the search, since the next name might be that of another host. What ended the search
 * without an address is the answer: `absent` only if nothing else came before it.
 */
export async function searchNames(
  names: readonly string[],
  ask: (name: string) => Promise<DnsAnswer>,
): Promise<DnsAnswer> {
  let unable: DnsAnswer | undefined;
  for (const name of names) {
    const answer = await ask(name);
    if (answer.kind === "addresses" || answer.kind === "silent") {
      return answer;
    }
    if (answer.kind === "unable") {
      unable ??= answer;
    }
  }
  return unable ?? { kind: "absent" };
}
