// The parameters of a resource that is read: each known by name, each bounded.
//
// Purpose:    a misspelt parameter would find something else than was asked for, which reads as the
//             answer: unknown ones are refused.
// Threading:  a plain value.
// Errors:     kInvalidParams, naming the parameter and what was expected; kInvalidRequest: bad
//             escapes, a parameter twice.
// Not errors: an empty value: the same as none.
//
// Example:
//   const Result<ReadQuery> query = ReadQuery::read(request.query, {"agent", "limit"});
//   const Result<std::uint64_t> limit = query->number_or("limit", 100, {1, 500});
#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/uuid.h"
#include "operators/sign_in/form_fields.h"

namespace pawl {

struct NumberRange {
  std::int64_t least = 0, most = 0;
};

class ReadQuery {
 public:
  static constexpr std::size_t kMostBytes = 1024;  // of one value

  static Result<ReadQuery> read(std::string_view query,
                                std::initializer_list<std::string_view> known);
  std::string text(std::string_view name) const;  // empty: not given
  Result<std::optional<std::int64_t>> number(std::string_view name, NumberRange range) const;
  Result<std::int64_t> number_or(std::string_view name, std::int64_t missing,
                                 NumberRange range) const;
  // As it was written where it is a UUID; empty: not given.
  Result<std::string> uuid(std::string_view name) const;

 private:
  sign_in::Fields fields_;
};

// kInvalidParams: "limit: expected ...".
tl::unexpected<Error> wrong_parameter(std::string_view name, std::string_view expected);

}  // namespace pawl
