// Dictionaries of Structured Fields (RFC 8941), as far as signatures and digests need them.
//
// Purpose:    Signature-Input (inner lists with parameters), Signature and Content-Digest (bytes).
// Threading:  pure.
// Errors:     kMalformed: anything that is not such a dictionary, a key that stands twice (the
//             standard takes the last; what is signed must have one meaning), more than 16 members,
//             64 items or 16 parameters of one.
// Not errors: items of a kind that nobody here asks for.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/result.h"

namespace pawl::identity {

struct SfToken {
  std::string text;
  bool operator==(const SfToken&) const = default;
};
struct SfBytes {
  std::string bytes;
  bool operator==(const SfBytes&) const = default;
};
using SfBare = std::variant<bool, std::int64_t, std::string, SfToken, SfBytes>;

struct SfParameters {
  std::vector<std::pair<std::string, SfBare>> list;

  const SfBare* find(std::string_view name) const;
  std::string print() const;  // as RFC 8941, 4.1.1.2
};
struct SfItem {
  SfBare value;
  SfParameters parameters;
};
struct SfMember {
  std::string key;
  bool is_list = false;  // an inner list, in `items`; else one item, items[0].value
  std::vector<SfItem> items;
  SfParameters parameters;  // of the inner list, or of the item

  std::string print() const;  // the value with its parameters
};

Result<std::vector<SfMember>> parse_sf_dictionary(std::string_view text);
const SfMember* find_member(const std::vector<SfMember>& members, std::string_view key);

}  // namespace pawl::identity
