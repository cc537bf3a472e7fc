#include "app/daemon/kept_rules.h"

#include "base/json.h"

namespace pawl {
namespace {

constexpr std::size_t kMaxBytes = 256u << 20;
constexpr std::int64_t kFormat = 1;
constexpr json::Limits kLimits{.max_bytes = kMaxBytes, .max_depth = 8, .max_members = 1'000'000};

std::string print(const KeptRules& kept) {
  json::Array list;
  for (const rules::Source& source : kept.sources) {
    list.push_back(json::Object{{"file", source.file}, {"text", source.text}});
  }
  json::Object out{{"format", kFormat}, {"signature", kept.signature}};
  out["files"] = std::move(list);
  return json::print(out) + "\n";
}

tl::unexpected<Error> malformed(const std::string& path) {
  return fail(Code::kMalformed, path + ": expected format 1, signature and files {file, text}");
}

}  // namespace

Result<std::optional<KeptRules>> read_kept_rules(Files& files, const std::string& path) {
  if (!files.exists(path)) {
    return std::optional<KeptRules>();
  }
  const Result<std::string> text = read_file(files, path, kMaxBytes);
  if (!text) {
    return fail(text.error());
  }
  const Result<json::Parsed> parsed = json::parse(*text, kLimits);
  if (!parsed) {
    return fail_at(path, parsed.error());
  }
  const json::Value& root = parsed->value;
  const json::Value* format = json::find(root, {"format"});
  const auto signature = json::find_string(root, {"signature"});
  const json::Value* list = json::find(root, {"files"});
  if (format == nullptr || *format != json::Value(kFormat) || !signature || list == nullptr ||
      !list->is_array()) {
    return malformed(path);
  }
  KeptRules out{std::string(*signature), {}};
  for (const json::Value& one : list->get_array()) {
    const auto file = json::find_string(one, {"file"});
    const auto rules = json::find_string(one, {"text"});
    if (!file || !rules) {
      return malformed(path);
    }
    out.sources.push_back({std::string(*file), std::string(*rules)});
  }
  return std::optional(std::move(out));
}

Status save_kept_rules(Files& files, const std::string& path, const KeptRules& kept) {
  const std::string text = print(kept);
  const Result<std::string> known =
      files.exists(path) ? read_file(files, path, kMaxBytes) : fail(Code::kNotFound, "");
  return known && *known == text ? Status{} : write_file(files, path, text);
}

}  // namespace pawl
