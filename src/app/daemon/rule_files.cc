#include "app/daemon/rule_files.h"

#include "governance/policy/set_wire.h"

namespace pawl {

Result<std::vector<rules::Source>> read_rule_files(Files& files,
                                                   const std::vector<std::string>& paths) {
  constexpr std::size_t kMaxBytes = 16u << 20;
  std::vector<rules::Source> sources;
  for (const std::string& path : paths) {
    Result<std::string> text = read_file(files, path, kMaxBytes);
    if (!text) {
      return fail(text.error());
    }
    sources.push_back({path, *std::move(text)});
  }
  return sources;
}

Result<std::shared_ptr<const rules::RuleSet>> load_rule_files(
    Files& files, const std::vector<std::string>& paths) {
  const Result<std::vector<rules::Source>> sources = read_rule_files(files, paths);
  return sources ? rules::RuleSet::load(*sources) : fail(sources.error());
}

std::string signature_path(const rules::SetHeader& header) {
  return header.at.file + ".sig";
}

Result<std::optional<std::string>> read_signature(Files& files, const rules::SetHeader& header) {
  const std::string path = signature_path(header);
  if (!files.exists(path)) {
    return std::optional<std::string>();
  }
  Result<std::string> text = read_file(files, path, kMaxSetTokenBytes + 2);
  if (!text) {
    return fail(text.error());
  }
  while (text->ends_with('\n') || text->ends_with('\r')) {
    text->pop_back();
  }
  return std::optional(*std::move(text));
}

}  // namespace pawl
