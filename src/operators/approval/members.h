// Reads the members of a JSON object one by one, and refuses what is missing, wrong or left over.
//
// Purpose:    statements and snapshots of approvals have exactly the members of their page: one
// that
//             is not known may mean something that we would ignore. A record may have more.
// Threading:  a value on the stack of its reader; `value` outlives it.
// Errors:     end(): kMalformed, naming the first member that was wrong. Until then a wrong member
//             reads as an empty text, 0, false or nothing.
//
// Example:    Members members(value, "binding");
//             out.agent = members.text("agent");
//             if (Status status = members.end(); !status) { return fail(status.error()); }
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "base/uuid.h"

namespace pawl::approval {

class Members {
 public:
  Members(const json::Value& value, std::string_view of);

  bool has(std::string_view name) const;
  std::string text(std::string_view name);
  std::int64_t number(std::string_view name);  // an integer from 0 on
  std::int64_t number(std::string_view name, std::int64_t most);
  // The place in `names` of the text that stands there.
  std::size_t name(std::string_view member, std::span<const std::string_view> names);
  bool flag(std::string_view name);  // left out: false; false is not written
  Uuid id(std::string_view name);    // in lower case, as it is printed
  std::optional<Uuid> optional_id(std::string_view name);
  std::vector<std::string> texts(std::string_view name);
  const json::Value& value(std::string_view name);  // null when missing
  const json::Array& array(std::string_view name);  // empty when missing

  Status end() const;   // nothing was wrong, and nothing is left over
  Status read() const;  // nothing was wrong; other members are for others

 private:
  const json::Value* take(std::string_view name);
  void wrong(std::string_view name, std::string_view expected);

  const json::Object* object_;
  std::string_view of_;
  std::size_t taken_ = 0;
  std::string problem_;
};

}  // namespace pawl::approval
