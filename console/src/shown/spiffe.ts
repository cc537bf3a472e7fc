// Names of agents are long and alike: the part that tells them apart is shown strong. Never shortened.
/** "spiffe://example.org/agent/triage" -> ["spiffe://example.org/agent/", "triage"]. */
export function nameParts(name: string): [string, string] {
  const at = name.startsWith('spiffe://') ? name.lastIndexOf('/') : -1;
  return at > 'spiffe://'.length && at < name.length - 1 ? [name.slice(0, at + 1), name.slice(at + 1)] : ['', name];
}
