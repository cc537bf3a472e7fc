// The two columns: what passes directly, what passes through, and what that means for the build.

/** @typedef {import('./scenario.mjs').Outcome} Outcome */
/** @typedef {Record<string, Record<string, Outcome>>} Results suite name -> scenario -> outcome */

/** Scenarios that passed and checks that succeeded. @param {Record<string, Outcome>} suite */
export function count_passes(suite) {
  const outcomes = Object.values(suite);
  return {
    scenarios: outcomes.filter(({ verdict }) => verdict === 'pass').length,
    checks: outcomes.flatMap(({ checks }) => Object.values(checks))
      .filter((status) => status === 'SUCCESS').length,
  };
}

/** Fewer direct passes than were recorded. @param {Results} direct @returns {string[]} */
export function below_baseline(direct, baseline) {
  return Object.entries(baseline).filter(([suite]) => direct[suite] !== undefined)
    .flatMap(([suite, expected]) => {
      const found = count_passes(direct[suite]);
      return ['scenarios', 'checks'].filter((unit) => found[unit] < expected[unit])
        .map((unit) => `${suite}: ${found[unit]} ${unit} pass directly, `
          + `baseline ${expected[unit]}`);
    });
}

/** Every scenario and check that is good directly and not good through. @returns {string[]} */
export function regressions(direct, through) {
  const worse = [];
  for (const [suite, scenarios] of Object.entries(through)) {
    for (const [scenario, after] of Object.entries(scenarios)) {
      const before = direct[suite][scenario];
      if (before.verdict === 'pass' && after.verdict !== 'pass') {
        worse.push(`${suite} ${scenario}: passes directly, ${after.verdict} through`
          + after.problems.map((problem) => `\n    ${problem}`).join(''));
        continue;
      }
      for (const [id, status] of Object.entries(before.checks)) {
        if (status === 'SUCCESS' && after.checks[id] !== 'SUCCESS') {
          worse.push(`${suite} ${scenario}: check ${id} succeeds directly, `
            + `${after.checks[id] ?? 'is absent'} through`);
        }
      }
      if (after.extra_problems?.length > 0) {
        worse.push(...after.extra_problems.map((problem) => `${suite} ${scenario}: ${problem}`));
      }
    }
  }
  return worse;
}

/** Direct failures and skips that known.json does not explain, and the reverse. */
export function unexplained(direct, known) {
  const problems = [];
  for (const [suite, scenarios] of Object.entries(direct)) {
    const reasons = known[suite] ?? {};
    for (const [scenario, { verdict, problems: why }] of Object.entries(scenarios)) {
      if (verdict !== 'pass' && reasons[scenario]?.verdict !== verdict) {
        problems.push(`${suite} ${scenario}: ${verdict} directly, without a reason in known.json`
          + why.map((problem) => `\n    ${problem}`).join(''));
      }
      if (verdict === 'pass' && reasons[scenario] !== undefined) {
        problems.push(`${suite} ${scenario}: passes; remove it from known.json`);
      }
    }
  }
  return problems;
}

/** The table that people read. @param {Results} direct @param {Results} [through] */
export function render(direct, through, known) {
  const lines = [];
  for (const [suite, scenarios] of Object.entries(direct)) {
    lines.push('', suite, `  ${'scenario'.padEnd(52)}direct   ${through ? 'through' : ''}`);
    for (const [scenario, before] of Object.entries(scenarios)) {
      const after = through?.[suite]?.[scenario];
      const reason = known[suite]?.[scenario]?.reason;
      lines.push(`  ${scenario.padEnd(52)}${before.verdict.padEnd(9)}${after?.verdict ?? ''}`
        + (reason ? `  (${reason})` : ''));
    }
    const a = count_passes(scenarios);
    const b = through?.[suite] && count_passes(through[suite]);
    lines.push(`  ${Object.keys(scenarios).length} scenarios: ${a.scenarios} pass directly `
      + `(${a.checks} checks)${b ? `, ${b.scenarios} through (${b.checks} checks)` : ''}`);
  }
  return lines.join('\n');
}
