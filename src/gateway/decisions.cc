#include "gateway/decisions.h"

#include <algorithm>

#include "gateway/folded_record.h"

namespace pawl {

void Decisions::apply(std::uint64_t index, std::string_view token) {
  const std::optional<std::int64_t> iat = read_folded(
      index, token, [this](const FoldedRecord& record) { DecisionParts::apply(record); });
  last_iat = std::max(last_iat, iat.value_or(0));
}

void Decisions::apply_if_state(std::string_view kind, bool draft_says, std::uint64_t index,
                               std::string_view token) {
  if (draft_says || has(kind)) {
    apply(index, token);
  }
}

std::string Decisions::print() const {
  json::Object out{{"last_iat", last_iat}};
  print_to(out);
  return json::print(out);
}

Result<Decisions> Decisions::read(std::string_view text) {
  const Result<json::Parsed> parsed = json::parse(text);
  if (!parsed) {
    return fail_at("decisions", parsed.error());
  }
  Decisions out;
  out.last_iat = number_in(parsed->value, "last_iat");
  if (out.last_iat <= 0) {
    return fail(Code::kMalformed, "decisions: expected last_iat");
  }
  Result<DecisionParts> parts = DecisionParts::read(parsed->value);
  if (!parts) {
    return fail_at("decisions", parts.error());
  }
  static_cast<DecisionParts&>(out) = *std::move(parts);
  return out;
}

}  // namespace pawl
