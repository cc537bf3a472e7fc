// Nothing that an agent wrote is ever HTML, code or the address of a link: the ways to make it so are forbidden in src/.
// Usage: node lint.mjs [FOLDER]. Exit 1: found.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const FORBIDDEN = /\b(innerHTML|outerHTML|insertAdjacentHTML|dangerouslySetInnerHTML|srcdoc|createContextualFragment|parseFromString|setHTMLUnsafe)\b|\bdocument\s*\.\s*write|\beval\s*\(|\bnew\s+Function\b|\bsetTimeout\s*\(\s*['"`]|javascript:/;

// Links lead to what router.ts and addresses.ts make; one policy of trusted types is enough, that of the layout worker.
const LINK = /\bhref=\{(?!to\(|\w+Address\(|href\})/;
const POLICY = /\bcreatePolicy\b/;

const root = process.argv[2] ?? new URL('src', import.meta.url).pathname;
let found = 0;
for (const name of readdirSync(root, { recursive: true })) {
  if (!/\.(tsx?|mjs|html|svg)$/.test(name)) continue;
  readFileSync(join(root, name), 'utf8').split('\n').forEach((line, at) => {
    if (FORBIDDEN.test(line) || LINK.test(line) || (POLICY.test(line) && name !== join('graph', 'layout.ts'))) {
      console.log(`${join(root, name)}:${at + 1}: makes HTML, code or an address of text: ${line.trim().slice(0, 80)}`);
      found += 1;
    }
  });
}
process.exit(found ? 1 : 0);
