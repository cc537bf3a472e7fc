#include "app/daemon/rule_files.h"

namespace pawl {

Result<std::shared_ptr<const rules::RuleSet>> load_rule_files(
    Files& files, const std::vector<std::string>& paths) {
  constexpr std::size_t kMaxBytes = 16u << 20;
  std::vector<rules::Source> sources;
  for (const std::string& path : paths) {
    Result<std::string> text = read_file(files, path, kMaxBytes);
    if (!text) {
      return fail(text.error());
    }
    sources.push_back({path, *std::move(text)});
  }
  return rules::RuleSet::load(sources);
}

}  // namespace pawl
