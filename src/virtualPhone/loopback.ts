const taken = new Set<string>();

/** A loopback address (127.64.0.1 – 127.127.255.254) that this process has not given to anybody yet; other processes hardly. */
export function ownAddress(): string {
  for (;;) {
    const [second, third, fourth] = [64 + random(64), random(256), 1 + random(254)];
    const address = `127.${second}.${third}.${fourth}`;
    if (taken.has(address)) continue;
    taken.add(address);
    return address;
  }
}

function random(below: number): number {
  return Math.floor(Math.random() * below);
}
