// An id as a person types it: whole, or a part that only one id has.
//
// Purpose:    ids of one minute share their beginning, for that is the time (UUID version 7); their
//             ends tell them apart. So 8 characters of either are enough, where one id has them.
// Threading:  pure values.
// Errors:     parse: kInvalidParams (no part of an id, or too short a one). only_id: kNotFound;
//             kInvalidParams (several ids have it; at most five are named).
// Not errors: upper case; hyphens, which do not count.
//
// Example:    const Result<IdPart> part = IdPart::parse("8c1d0e11");
//             only_id(*part, "approval", those_that_fit)
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/uuid.h"

namespace pawl {

inline constexpr std::size_t kShortestId = 8;  // digits of an id that may stand for it
inline constexpr std::size_t kMostNamed = 5;   // ids that an error lists

class IdPart {
 public:
  static Result<IdPart> parse(std::string_view name);
  // Whether the id begins or ends with it.
  bool fits(const Uuid& id) const;
  const std::string& digits() const { return digits_; }  // lower case, without hyphens

 private:
  explicit IdPart(std::string digits) : digits_(std::move(digits)) {}
  std::string digits_;
};

// `ids`: of those that fit, as many as there are, at least kMostNamed + 1 of them; each may stand
// there more than once. `what` they are: "approval".
Result<Uuid> only_id(const IdPart& part, std::string_view what, std::vector<Uuid> ids);

}  // namespace pawl
