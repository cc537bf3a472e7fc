#include "infrastructure/mcp/meta.h"

namespace pawl::mcp {

const json::Value* meta_value(const json::Value* container, std::string_view key) {
  return container == nullptr ? nullptr : json::find(*container, {kMeta, key});
}

std::optional<std::string_view> meta_string(const json::Value* container, std::string_view key) {
  return container == nullptr ? std::nullopt : json::find_string(*container, {kMeta, key});
}

std::string with_meta(std::string_view text, json::Span object, std::string_view key,
                      std::string_view raw) {
  const std::optional<json::Span> meta = json::member(text, object, kMeta);
  if (meta && text[meta->begin] == '{') {
    return json::with_member(text, *meta, key, raw);
  }
  std::string fresh = "{" + json::quote(key) + ":";
  fresh.append(raw) += '}';
  return json::with_member(text, object, kMeta, fresh);
}

std::optional<std::string_view> meta_text(std::string_view text, json::Span object,
                                          std::string_view key) {
  const std::optional<json::Span> meta = json::member(text, object, kMeta);
  if (!meta || text[meta->begin] != '{') {
    return std::nullopt;
  }
  const std::optional<json::Span> span = json::member(text, *meta, key);
  return span ? std::optional(span->of(text)) : std::nullopt;
}

}  // namespace pawl::mcp
