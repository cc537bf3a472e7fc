/** Failed tests of a GoogleTest program; one that crashed or hung is the one that had begun. */
export function failed_units({ code, text }) {
  const failed = new Set([...text.matchAll(/^\[ {2}FAILED {2}\] ([\w/]+\.[\w/]+)/gm)]
    .map(([, name]) => name));
  const begun = [...text.matchAll(/^\[ RUN {6}\] (\S+)/gm)].map(([, name]) => name);
  const ended = new Set([...text.matchAll(/^\[ +(?:OK|FAILED) +\] (\S+?),? /gm)]
    .map(([, name]) => name));
  if (code !== 0) {
    begun.filter((name) => !ended.has(name)).forEach((name) => failed.add(name));
  }
  return [...failed];
}
