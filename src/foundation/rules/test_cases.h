// Test cases that stand beside rules, for `pawl rules test FILE`.
//
// Purpose:    say in the same YAML what the rules should answer, and check it.
// Threading:  pure functions.
// Errors:     kMalformed "file:line:column: ..." for a file whose tests cannot be read.
// Not errors: a test that fails: it is a TestResult. A file without tests: an empty list.
//
// Example (docs/formats/rules.md):
//   tests:
//     - name: triage reads a ticket
//       agent: triage
//       server: files
//       verb: tool.call
//       tool: read_text_file
//       arguments: { path: /srv/tickets/7.md }
//       expect: allow
//       rule: triage-reads
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "foundation/rules/rules.h"

namespace pawl::rules {

struct TestResult {
  std::string name;
  Location at;
  bool passed = false;
  std::string
      found;  // "deny by rule no-etc", "deny by default"; of a failed test also what was expected
};

// Runs the `tests` of a source against a set. now: seconds, unless a test has its own `now`.
Result<std::vector<TestResult>> run_tests(const RuleSet& set, const Source& source,
                                          std::int64_t now);

}  // namespace pawl::rules
