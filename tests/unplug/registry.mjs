// The list of controls as the code has it, and what keeps it whole: every control of the list is
// asked for somewhere, and has a row in controls.json; every row of the control table is in the list.

import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';

const LIST = /NamedControl\{ControlId::(k\w+),\s*"([a-z-]+)"\}/g;
const ENUM = /enum class ControlId[^{]*\{([^}]*)\}/;
const ROW_NAME = /std::string_view name\(\) const override \{\s*return "([a-z-]+)";/g;

async function sources(folder) {
  const names = await readdir(folder, { recursive: true });
  return Promise.all(names.filter((name) => /\.(cc|h)$/.test(name))
    .map(async (name) => ({ name, text: await readFile(join(folder, name), 'utf8') })));
}

/**
 * @param {string} src the folder src/ @param {Record<string, object>} table controls.json
 * @returns {Promise<{names: string[], problems: string[]}>}
 */
export async function read_registry(src, table) {
  const files = await sources(src);
  const list = files.find(({ name }) => name === 'path/plugged.h').text;
  const others = files.filter(({ name }) => !name.startsWith('path/plugged.'));
  const controls = [...list.matchAll(LIST)].map(([, id, name]) => ({ id, name }));
  const names = controls.map(({ name }) => name);
  const rows = others.flatMap(({ text }) => [...text.matchAll(ROW_NAME)].map(([, name]) => name));
  const problems = [];
  const in_enum = [...ENUM.exec(list)[1].replaceAll(/\/\/.*/g, '').matchAll(/k\w+/g)]
    .map(([id]) => id);
  for (const [index, id] of in_enum.entries()) {
    if (controls[index]?.id !== id) {
      problems.push(`${id} has no name in kControls, or not in the order of the enum`);
    }
  }
  for (const { id, name } of controls) {
    const asked = others.some(({ text }) => text.includes(`plugged(ControlId::${id})`));
    if (!asked && !rows.includes(name)) {
      problems.push(`${name}: no place in src/ asks plugged(ControlId::${id})`);
    }
    if (table[name] === undefined) {
      problems.push(`${name}: has no row in tests/unplug/controls.json`);
    }
  }
  for (const name of [...rows, ...Object.keys(table)]) {
    if (!names.includes(name)) {
      problems.push(`${name}: is not in the list of src/path/plugged.h`);
    }
  }
  return { names, problems };
}
