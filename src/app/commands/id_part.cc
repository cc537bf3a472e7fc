#include "app/commands/id_part.h"

#include <algorithm>

namespace pawl {
namespace {

constexpr std::size_t kDigits = 32;  // of a whole id

std::string without_hyphens(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c != '-') {
      out += c >= 'A' && c <= 'F' ? static_cast<char>(c - 'A' + 'a') : c;
    }
  }
  return out;
}

}  // namespace

Result<IdPart> IdPart::parse(std::string_view name) {
  std::string digits = without_hyphens(name);
  if (digits.size() < kShortestId || digits.size() > kDigits ||
      digits.find_first_not_of("0123456789abcdef") != std::string::npos) {
    return fail(Code::kInvalidParams,
                "\"" + std::string(name) + "\": expected an id, or at least " +
                    std::to_string(kShortestId) + " characters of its beginning or end");
  }
  return IdPart(std::move(digits));
}

bool IdPart::fits(const Uuid& id) const {
  const std::string whole = without_hyphens(id.text());
  return whole.starts_with(digits_) || whole.ends_with(digits_);
}

Result<Uuid> only_id(const IdPart& part, std::string_view what, std::vector<Uuid> ids) {
  std::erase_if(ids, [&](const Uuid& id) { return !part.fits(id); });
  std::sort(ids.begin(), ids.end());
  ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
  if (ids.empty()) {
    const std::string of_approval =
        what == "record" ? " (if it is of an approval: `pawl approvals show " + part.digits() + "`)"
                         : "";
    return fail(Code::kNotFound, "no " + std::string(what) + " begins or ends with \"" +
                                     part.digits() + "\"" + of_approval);
  }
  if (ids.size() == 1) {
    return ids.front();
  }
  std::string list;
  for (std::size_t i = 0; i < ids.size() && i < kMostNamed; ++i) {
    list += (i == 0 ? "" : ", ") + ids[i].text();
  }
  return fail(Code::kInvalidParams,
              "more than one " + std::string(what) + " begins or ends with \"" + part.digits() +
                  "\": " + list + (ids.size() > kMostNamed ? ", ..." : "") +
                  "; write more of it (ids of one minute differ at their end)");
}

}  // namespace pawl
