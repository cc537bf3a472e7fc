#include "app/commands/shown_record.h"

#include "app/commands/shown_text.h"
#include "foundation/records/kinds.h"
#include "foundation/records/names.h"
#include "foundation/records/record_claims.h"

namespace pawl {
namespace {

constexpr std::size_t kLabelWidth = 14;

std::string padded(std::string text, std::size_t width) {
  text.resize(std::max(width, text.size()), ' ');
  return text;
}

}  // namespace

json::Object body_of(const FoundRecord& record) {
  const std::string member =
      std::string(names::kExtPrefix) + std::string(kinds::area(record.row.kind));
  const json::Value* body = in_extension(record.jws.typ, record.jws.payload, {member});
  return body != nullptr && body->is_object() ? body->get_object() : json::Object{};
}

std::string received_text_of(const FoundRecord& record) {
  const json::Object body = body_of(record);
  const json::Value* text =
      record.row.token.is_nil() ? nullptr : body.if_contains(names::kBodyTokenText);
  return text != nullptr && text->is_string() ? std::string(text->get_string()) : std::string();
}

std::string shown_value(const json::Value& value) {
  return shown_text(value.is_string() ? std::string_view(value.get_string())
                                      : std::string_view(json::print(value)));
}

std::string shown_time(std::int64_t seconds) {
  constexpr std::int64_t kYear9999 = 253'402'300'799;  // what format_rfc3339 can say
  if (seconds < 0 || seconds > kYear9999) {
    return std::to_string(seconds) + " s";
  }
  std::string text = format_rfc3339(WallTime{seconds * 1'000'000});
  return text.substr(0, 19) + "Z";  // records have whole seconds
}

std::string who_and_where(const store::RecordRow& row) {
  std::string out = shown_text(row.agent);
  if (!row.server.empty()) {
    out += (out.empty() ? "" : " -> ") + shown_text(row.server);
    if (!row.tool.empty()) {
      out += "/" + shown_text(row.tool);
    }
  }
  return out;
}

std::string record_line(const store::RecordRow& row) {
  return padded(std::to_string(row.index), 7) + " " + shown_time(row.at) + "  " +
         padded(shown_text(row.outcome.empty() ? "-" : row.outcome), 9) + "  " +
         padded(shown_text(row.verb.empty() ? row.kind : row.verb), 17) + "  " + row.id.text() +
         "  " + who_and_where(row) + (row.log > 0 ? "  (log " + std::to_string(row.log) + ")" : "");
}

json::Object record_json(const store::RecordRow& row) {
  json::Object out{{"index", row.index}, {"id", row.id.text()}, {"at", row.at}, {"kind", row.kind}};
  if (row.log > 0) {
    out["log"] = row.log;
  }
  const std::initializer_list<std::pair<const char*, const std::string&>> texts = {
      {"verb", row.verb}, {"agent", row.agent},     {"server", row.server},
      {"tool", row.tool}, {"outcome", row.outcome}, {"workflow", row.workflow}};
  for (const auto& [name, value] : texts) {
    if (!value.empty()) {
      out[name] = value;
    }
  }
  if (!row.token.is_nil()) {
    out["token"] = row.token.text();
    out["issuer"] = row.issuer;
  }
  return out;
}

std::string labelled(std::string_view name, const std::string& value) {
  return padded(std::string(name), kLabelWidth) + " " + value + "\n";
}

}  // namespace pawl
