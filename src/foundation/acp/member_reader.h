// Reads the members of one JSON object, each by its name, and refuses what nobody asked for.
//
// Threading:  one thread.
// Ownership:  borrows the object and `where`.
// Errors:     kTokenInvalid, as acp_wire.h names them.
// Internal to src/foundation/acp.
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "base/result.h"

namespace pawl::acp {

class MemberReader {
 public:
  // `where`: for messages; `unknown`: the reason for a member that nobody reads.
  MemberReader(const json::Value& value, std::string_view where,
               std::string_view unknown = "unknown_member");

  bool has(std::string_view name);
  // The first fault that was met, members that nobody read included; call it last.
  Status done();

  // Of a member that must be there; after a fault, an empty value.
  const json::Value& value(std::string_view name);
  std::string text(std::string_view name, std::size_t max_bytes);
  std::int64_t number(std::string_view name, std::int64_t least, std::int64_t most);
  std::string decimal(std::string_view name);  // a text that is an exact decimal
  std::vector<std::string> texts(std::string_view name, std::size_t most, std::size_t max_bytes);
  const json::Array& array(std::string_view name, std::size_t most);
  void fault(Error error);

 private:
  void fault(std::string_view reason, std::string_view name, std::string_view what);

  const json::Object* object_ = nullptr;
  std::string_view where_, unknown_;
  std::set<std::string, std::less<>> read_;
  Status status_;
};

// 1 to `max_bytes` bytes without control characters.
bool is_plain_text(std::string_view text, std::size_t max_bytes);

}  // namespace pawl::acp
