#include "foundation/rules/set_header.h"

#include <algorithm>

#include "foundation/rules/rule_file.h"
#include "foundation/rules/suggest.h"

namespace pawl::rules {
namespace {

Status read_text(const std::string& file, const Yaml& value, bool is_name, std::string& out) {
  const bool is_text = value.kind == Yaml::Kind::kScalar && !value.text.empty() &&
                       value.text.size() <= kMaxOwnerBytes &&
                       std::all_of(value.text.begin(), value.text.end(),
                                   [](unsigned char c) { return c >= ' ' && c != 0x7f; });
  if (!is_text || (is_name && !is_rule_id(value.text))) {
    return fail_in(file, value,
                   is_name ? "expected a name of 1 to 64 of a-z 0-9 . _ -, starting with a letter "
                             "or digit"
                           : "expected a text of 1 to 200 bytes on one line");
  }
  out = value.text;
  return {};
}

Status read_version(const std::string& file, const Yaml& value, std::int64_t& out) {
  const Result<json::Value> number = to_json(file, value);
  const bool fits = number && number->is_int64() && number->get_int64() >= 1 &&
                    number->get_int64() <= kMaxSetVersion;
  if (!fits) {
    return fail_in(file, value, "expected a version: a whole number from 1 on");
  }
  out = number->get_int64();
  return {};
}

}  // namespace

Result<SetHeader> read_set_header(const std::string& file, const Yaml& set) {
  if (set.kind != Yaml::Kind::kMap) {
    return fail_in(file, set, "expected a map with name, owner and version");
  }
  SetHeader out;
  out.at = {file, set.line, set.column};
  for (const auto& [key, value] : set.members) {
    Status read =
        key.text == "name"    ? read_text(file, value, true, out.name)
        : key.text == "owner" ? read_text(file, value, false, out.owner)
        : key.text == "version"
            ? read_version(file, value, out.version)
            : Status(fail_in(file, key, unknown_key(key.text, {"name", "owner", "version"})));
    if (!read) {
      return fail(read.error());
    }
  }
  for (const char* needed : {"name", "owner", "version"}) {
    if (set.find(needed) == nullptr) {
      return fail_in(file, set, "set without \"" + std::string(needed) + "\"");
    }
  }
  return out;
}

}  // namespace pawl::rules
