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
  return with_meta(text, object, std::vector<MetaMember>{{key, raw}});
}

std::string with_meta(std::string_view text, json::Span object,
                      const std::vector<MetaMember>& members) {
  if (members.empty()) {
    return std::string(text);
  }
  const std::optional<json::Span> meta = json::member(text, object, kMeta);
  const bool is_object = meta && text[meta->begin] == '{';
  std::string changed(is_object ? meta->of(text) : "{}");
  for (const MetaMember& member : members) {
    changed = json::with_member(changed, json::whole(changed), member.key, member.raw);
  }
  return meta ? json::replaced(text, *meta, changed)
              : json::with_member(text, object, kMeta, changed);
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
