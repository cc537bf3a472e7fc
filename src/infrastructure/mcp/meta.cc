#include "infrastructure/mcp/meta.h"

namespace pawl::mcp {
namespace {

// The rest of an object's text has no member.
bool is_end(std::string_view rest) {
  const std::size_t at = rest.find_first_not_of(" \t\r\n");
  return at == rest.npos || rest[at] == '}';
}

std::string raw_of(const MetaMember& member) {
  return member.form == MetaMember::Form::kText ? json::quote(member.value)
                                                : std::string(member.value);
}

// `meta` is the text of an object. What it has already is replaced at its place.
std::string meta_text_with(std::string_view meta, std::span<const MetaMember> members) {
  std::string out;
  out.reserve(meta.size() + 256);
  out = "{";
  std::size_t added = 0;
  for (auto member = members.rbegin(); member != members.rend(); ++member) {
    if (json::member(meta, json::whole(meta), member->key)) {
      continue;
    }
    out.append(added++ == 0 ? "\"" : ",\"").append(member->key).append("\":");
    if (member->form == MetaMember::Form::kText) {
      json::append_quoted(out, member->value);
    } else {
      out.append(member->value);
    }
  }
  const std::string_view rest = meta.substr(1);
  out.append(added == 0 || is_end(rest) ? "" : ",").append(rest);
  if (added < members.size()) {
    for (const MetaMember& member : members) {
      out = json::with_member(out, json::whole(out), member.key, raw_of(member));
    }
  }
  return out;
}

}  // namespace

const json::Value* meta_value(const json::Value* container, std::string_view key) {
  return container == nullptr ? nullptr : json::find(*container, {kMeta, key});
}

std::optional<std::string_view> meta_string(const json::Value* container, std::string_view key) {
  return container == nullptr ? std::nullopt : json::find_string(*container, {kMeta, key});
}

std::string with_meta(std::string_view text, json::Span object, std::string_view key,
                      std::string_view raw) {
  const MetaMember member{key, raw};
  return with_meta(text, object, {&member, 1});
}

std::string with_meta(std::string_view text, json::Span object,
                      std::span<const MetaMember> members) {
  const Splice meta = meta_splice(text, object, members);
  return json::replaced(text, meta.at, meta.raw);
}

Splice meta_splice(std::string_view text, json::Span object, std::span<const MetaMember> members) {
  const json::Span first{object.begin + 1, object.begin + 1};
  if (members.empty()) {
    return {first, ""};
  }
  const std::optional<json::Span> meta = json::member(text, object, kMeta);
  if (meta) {
    return {*meta, meta_text_with(text[meta->begin] == '{' ? meta->of(text) : "{}", members)};
  }
  const std::string meta_text = meta_text_with("{}", members);
  std::string member;
  member.reserve(meta_text.size() + 16);
  member.append(json::quote(kMeta)).append(":").append(meta_text);
  member.append(is_end(text.substr(first.begin)) ? "" : ",");
  return {first, std::move(member)};
}

std::string spliced(std::string_view text, const Splice& one, const Splice& other) {
  const Splice& first = one.at.begin < other.at.begin ? one : other;
  const Splice& second = &first == &one ? other : one;
  std::string out;
  out.reserve(text.size() + first.raw.size() + second.raw.size());
  out.append(text.substr(0, first.at.begin)).append(first.raw);
  out.append(text.substr(first.at.end, second.at.begin - first.at.end)).append(second.raw);
  out.append(text.substr(second.at.end));
  return out;
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
