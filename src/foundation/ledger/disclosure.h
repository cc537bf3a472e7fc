// A record of the log, shown in part: an SD-JWT that the instance signs over a record of its own,
// with the proof that the record stands in the log (docs/formats/exec_audit.md).
//
// Purpose:    an auditor of another domain sees who did what when, and not with which tool for
// whom. Threading:  pure functions; random bytes are the caller's. Errors:     making:
// kInvalidParams: a name that is no member of the record; others of sd_jwt.h.
//             Verifying gives a report, as verify_receipt() does.
// Not errors: claims of a record that nobody shows; a key binding that nobody asked for is one.
//
// Example:
//   Result<std::string> shown = make_disclosure(key, kid, draft, random);
//   ShownRecord found = verify_disclosure(*shown, trust, clock.wall());
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/random.h"
#include "foundation/jose/jws.h"
#include "foundation/ledger/verify.h"

namespace pawl::ledger {

struct DisclosureDraft {
  jose::Jws record{};
  std::string proof{};  // tlog-proof of the record
  // Members to show: a claim ("wid"), a member of the extension ("pol"), one of the record's body
  // ("tool"), or a JSON Pointer.
  std::vector<std::string> shown{};
  bool shows_all = false;
  std::vector<std::string> audience{};
  std::int64_t iat = 0, exp = 0;
  json::Object holder_jwk{};
};
Result<std::string> make_disclosure(const SigningKey& key, std::string_view kid,
                                    const DisclosureDraft& draft, Random& random);

struct ShownRecord {
  Report report{};
  json::Object claims{};  // what was shown; empty unless the signature is good
  std::size_t withheld = 0;
};
// Whether it is an SD-JWT; no other thing that is verified has a '~'.
bool looks_like_disclosure(std::string_view text);
// "" when there is none: the name of the log that its proof is of.
std::string disclosure_origin(std::string_view text);
ShownRecord verify_disclosure(std::string_view text, const std::optional<Trust>& trust,
                              WallTime now);

}  // namespace pawl::ledger
