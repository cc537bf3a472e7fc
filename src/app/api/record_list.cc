#include "app/api/record_list.h"

#include <algorithm>
#include <charconv>

#include "foundation/records/kinds.h"
#include "foundation/records/outcome.h"

namespace pawl {
namespace {

constexpr std::string_view kAnyOfArea = ".*";
constexpr NumberRange kLimit{1, 500}, kSeconds{0, 1LL << 40};
constexpr std::int64_t kUsualLimit = 100;

std::optional<std::uint64_t> whole_number(std::string_view text) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  const bool is_good = !text.empty() && error == std::errc{} && end == text.data() + text.size();
  return is_good ? std::optional(value) : std::nullopt;
}

bool is_area(std::string_view name) {
  return std::any_of(kinds::kAll.begin(), kinds::kAll.end(),
                     [&](std::string_view kind) { return kinds::area(kind) == name; });
}

// A misspelt word would find nothing, which reads as "it never happened".
Status read_words(const ReadQuery& query, store::RecordFilter& filter) {
  std::string kind = query.text("kind");
  if (kind.ends_with(kAnyOfArea)) {
    filter.area = kind.substr(0, kind.size() - kAnyOfArea.size());
    kind.clear();
  }
  filter.kind = kind;
  const bool is_known =
      (kind.empty() || kinds::is_known(kind)) && (filter.area.empty() || is_area(filter.area));
  if (!is_known || query.text("kind") == kAnyOfArea) {
    return wrong_parameter("kind",
                           "one of docs/formats/records.md, for example tool.call, or "
                           "all of an area, for example operator.*");
  }
  filter.outcome = query.text("outcome");
  if (!filter.outcome.empty() && !is_shown_outcome(filter.outcome)) {
    return wrong_parameter("outcome", "confirmed, failed, unknown, denied, held or error");
  }
  return {};
}

}  // namespace

std::optional<RecordPlace> RecordPlace::parse(const std::string& text) {
  const std::size_t dot = text.find('.');
  const auto log = dot == std::string::npos ? std::optional<std::uint64_t>(0)
                                            : whole_number(std::string_view(text).substr(0, dot));
  const auto index =
      whole_number(std::string_view(text).substr(dot == std::string::npos ? 0 : dot + 1));
  return log && index ? std::optional(RecordPlace{*log, *index}) : std::nullopt;
}

std::string RecordPlace::text() const {
  return (log == 0 ? "" : std::to_string(log) + ".") + std::to_string(index);
}

Result<RecordSearch> read_search(std::string_view given) {
  const Result<ReadQuery> query = ReadQuery::read(
      given,
      {"agent", "server", "name", "kind", "workflow", "outcome", "from", "to", "before", "limit"});
  if (!query) {
    return fail(query.error());
  }
  RecordSearch out;
  out.filter.agent = query->text("agent");
  out.filter.server = query->text("server");
  out.filter.name = query->text("name");
  if (Status words = read_words(*query, out.filter); !words) {
    return fail(words.error());
  }
  const Result<std::string> workflow = query->uuid("workflow");
  const auto since = query->number("from", kSeconds);
  const auto until = query->number("to", kSeconds);
  const Result<std::int64_t> limit = query->number_or("limit", kUsualLimit, kLimit);
  if (!workflow || !since || !until || !limit) {
    return fail(!workflow ? workflow.error()
                : !since  ? since.error()
                : !until  ? until.error()
                          : limit.error());
  }
  out.filter.workflow = *workflow;
  out.filter.since = *since;
  out.filter.until = *until;
  out.filter.limit = static_cast<std::size_t>(*limit);
  const std::string before = query->text("before");
  out.before = RecordPlace::parse(before);
  if (!before.empty() && !out.before) {
    return wrong_parameter("before", "`next` of the answer before");
  }
  return out;
}

json::Object record_row_json(const store::RecordRow& row) {
  json::Object out{{"index", row.index}, {"id", row.id.text()},    {"kind", row.kind},
                   {"at", row.at},       {"agent", row.agent},     {"server", row.server},
                   {"name", row.name()}, {"outcome", row.outcome}, {"workflow", row.workflow},
                   {"verb", row.verb}};
  if (row.log != 0) {
    out["log"] = row.log;
  }
  return out;
}

json::Object record_list_json(const std::vector<store::RecordRow>& rows,
                              const std::optional<RecordPlace>& next) {
  json::Array list;
  for (const store::RecordRow& row : rows) {
    list.emplace_back(record_row_json(row));
  }
  json::Object out;
  out["records"] = std::move(list);
  out["next"] = next ? json::Value(next->text()) : json::Value(nullptr);
  return out;
}

}  // namespace pawl
