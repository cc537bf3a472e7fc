// Turns the built console into one C++ source with its files, their compressed forms and their digests.
// Usage: node embed.mjs DIST OUT.cc. The same files give the same source (with the same Node, whose zlib compresses).
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';

const TYPES = { '.html': 'text/html; charset=utf-8', '.js': 'text/javascript; charset=utf-8', '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml', '.json': 'application/json' };
const [dist, out] = process.argv.slice(2);

function literal(bytes) {
  let text = '';
  const lines = [];
  for (const byte of bytes) {
    // Three octal digits always, and no trigraph: nothing that follows joins in.
    const plain = byte >= 0x20 && byte < 0x7f && byte !== 0x22 && byte !== 0x5c && byte !== 0x3f;
    text += plain ? String.fromCharCode(byte) : `\\${byte.toString(8).padStart(3, '0')}`;
    if (text.length > 900) {
      lines.push(`"${text}"`);
      text = '';
    }
  }
  lines.push(`"${text}"`);
  return `std::string_view(\n${lines.join('\n')}, ${bytes.length})`;
}

const files = readdirSync(dist, { recursive: true }).map(String).filter((name) => statSync(join(dist, name)).isFile()).sort();
const rows = files.map((name) => {
  const type = TYPES[extname(name)];
  if (!type) throw new Error(`no type for ${name}`);
  const plain = readFileSync(join(dist, name));
  const smaller = (bytes) => (bytes.length < plain.length ? bytes : Buffer.alloc(0));
  const gzip = smaller(gzipSync(plain, { level: 9 }));
  const brotli = smaller(brotliCompressSync(plain, { params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: plain.length } }));
  const digest = createHash('sha256').update(plain).digest('base64url');
  return `    Asset{"/console/${name === 'index.html' ? '' : name}", "${type}", "${digest}",\n${[plain, gzip, brotli].map(literal).join(',\n')},\n` +
    `          ${name.startsWith('assets/')}},\n`;
});
writeFileSync(out, `// Made by console/embed.mjs.\n#include <array>\n\n#include "app/console/assets.h"\n\nnamespace pawl::console {\n\n` +
  `constexpr std::array kAssets = {\n${rows.join('')}};\n\nstd::span<const Asset> assets() { return kAssets; }\n\n}  // namespace pawl::console\n`);
