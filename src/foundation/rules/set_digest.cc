#include "foundation/rules/set_digest.h"

#include <utility>

#include "base/json.h"
#include "foundation/crypto/sha256.h"
#include "foundation/rules/obligation.h"

namespace pawl::rules {

std::string set_digest(const std::vector<RuleInfo>& infos, const std::vector<Condition>& conditions,
                       const AtomTable& atoms) {
  Sha256 hash;
  for (std::size_t i = 0; i < infos.size(); ++i) {
    const RuleInfo& info = infos[i];
    json::Array line;
    line.emplace_back(info.id);
    line.emplace_back(effect_name(info.effect));
    line.emplace_back(info.mode == Mode::kEnforce ? "enforce" : "observe");
    line.emplace_back(info.reason);
    line.emplace_back(info.owner);
    line.emplace_back(info.expires_at ? json::Value(std::to_string(*info.expires_at))
                                      : json::Value(nullptr));
    line.emplace_back(condition_text(conditions[i], atoms));
    if (info.hold != nullptr) {
      line.emplace_back(print_hold_terms(*info.hold));
    }
    if (info.obliges != nullptr) {
      line.emplace_back(json::Object{{"allow", print_obligations(*info.obliges)}});
    }
    hash.update(json::canonical(json::Value(std::move(line))) + "\n");
  }
  return digest_text(hash.finish());
}

}  // namespace pawl::rules
