#include "app/api/read_query.h"

#include <algorithm>
#include <charconv>

namespace pawl {

tl::unexpected<Error> wrong_parameter(std::string_view name, std::string_view expected) {
  return fail(Code::kInvalidParams, std::string(name) + ": expected " + std::string(expected));
}

Result<ReadQuery> ReadQuery::read(std::string_view query,
                                  std::initializer_list<std::string_view> known) {
  Result<sign_in::Fields> fields = sign_in::parse_fields(query);
  if (!fields) {
    return fail(fields.error());
  }
  for (const auto& [name, value] : *fields) {
    if (std::find(known.begin(), known.end(), name) == known.end()) {
      std::string names;
      for (const std::string_view one : known) {
        names.append(names.empty() ? "" : ", ").append(one);
      }
      return wrong_parameter(name.substr(0, 64),
                             "no such parameter, but of " + (names.empty() ? "none" : names));
    }
    if (value.size() > kMostBytes) {
      return wrong_parameter(name, "at most " + std::to_string(kMostBytes) + " bytes");
    }
  }
  ReadQuery out;
  out.fields_ = *std::move(fields);
  return out;
}

std::string ReadQuery::text(std::string_view name) const {
  const auto found = fields_.find(name);
  return found == fields_.end() ? std::string() : found->second;
}

Result<std::optional<std::int64_t>> ReadQuery::number(std::string_view name,
                                                      NumberRange range) const {
  const std::string given = text(name);
  if (given.empty()) {
    return std::optional<std::int64_t>();
  }
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(given.data(), given.data() + given.size(), value);
  if (error != std::errc{} || end != given.data() + given.size() || value < range.least ||
      value > range.most) {
    return wrong_parameter(
        name, "a number from " + std::to_string(range.least) + " to " + std::to_string(range.most));
  }
  return std::optional(value);
}

Result<std::int64_t> ReadQuery::number_or(std::string_view name, std::int64_t missing,
                                          NumberRange range) const {
  return number(name, range).map([&](const auto& given) { return given.value_or(missing); });
}

Result<std::string> ReadQuery::uuid(std::string_view name) const {
  const std::string given = text(name);
  const Result<Uuid> id = Uuid::parse(given);
  if (given.empty() || id) {
    return given.empty() ? given : id->text();
  }
  return wrong_parameter(name, "a UUID");
}

}  // namespace pawl
